namespace FedRec.Core.Evaluation;

/// <summary>A metric of two models on the same users.</summary>
/// <param name="Metric">Name, such as <c>ndcg@10</c>.</param>
/// <param name="First">Mean of the first model.</param>
/// <param name="Second">Mean of the second model.</param>
/// <param name="Low">Lower end of the 95 % interval of first minus second.</param>
/// <param name="High">Its upper end.</param>
public sealed record PairedDifference(string Metric, double First, double Second, double Low, double High)
{
    /// <summary>First minus second.</summary>
    public double Difference => First - Second;

    /// <summary>Whether chance alone hardly explains the difference.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}
