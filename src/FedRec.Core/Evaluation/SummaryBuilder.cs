namespace FedRec.Core.Evaluation;

/// <summary>Collects what the parts of an evaluation found.</summary>
internal sealed class SummaryBuilder
{
    public SortedDictionary<string, double> Metrics { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, double> Quantiles { get; } = new(StringComparer.Ordinal);

    public List<QualityGroup> Groups { get; } = [];

    public EvaluationSummary Build(long users) => new(users, Metrics, Quantiles, Groups);
}
