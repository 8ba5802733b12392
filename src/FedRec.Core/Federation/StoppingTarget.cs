namespace FedRec.Core.Federation;

/// <summary>What a run trains for, and is done with once it is reached.</summary>
/// <param name="Metric"><see cref="Loss"/> or the name of a metric, such as <c>ndcg@10</c>.</param>
/// <param name="Value">At most this for the loss, at least this for a metric, of which higher is better.</param>
public sealed record StoppingTarget(string Metric, double Value)
{
    /// <summary>Name of the weighted mean training loss of a round.</summary>
    public const string Loss = "loss";

    /// <summary>Whether the training loss decides, which needs no evaluation.</summary>
    public bool IsLoss => Metric == Loss;

    /// <summary>Whether a value reaches the target; never true for one that is no number.</summary>
    public bool IsReachedBy(double value) => IsLoss ? value <= Value : value >= Value;
}
