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

/// <summary>Stops a run when its validation metric no longer rises.</summary>
/// <param name="Patience">Evaluations without a better value before stopping; 0 to never stop.</param>
/// <param name="Best">Best value so far.</param>
/// <param name="BestRound">Round of the best value; 0 before the first.</param>
/// <param name="Waited">Evaluations since then.</param>
public sealed record EarlyStopping(int Patience, double Best = double.NegativeInfinity, int BestRound = 0, int Waited = 0)
{
    /// <summary>True when the plateau has lasted for <see cref="Patience"/> evaluations.</summary>
    public bool ShouldStop => Patience > 0 && Waited >= Patience;

    /// <summary>Takes in one evaluation.</summary>
    /// <param name="round">The round evaluated.</param>
    /// <param name="value">The metric; higher is better.</param>
    /// <returns>The state after it.</returns>
    public EarlyStopping Observe(int round, double value) => value > Best
        ? this with { Best = value, BestRound = round, Waited = 0 }
        : this with { Waited = Waited + 1 };
}
