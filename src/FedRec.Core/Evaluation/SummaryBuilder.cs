namespace FedRec.Core.Evaluation;

/// <summary>Collects what the parts of an evaluation found.</summary>
internal sealed class SummaryBuilder
{
    public SortedDictionary<string, double> Metrics { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, double> Quantiles { get; } = new(StringComparer.Ordinal);

    public List<QualityGroup> Groups { get; } = [];

    /// <summary>The summary; of nobody nothing is known, which is not the same as a quality of 0. There may be users apart all the same.</summary>
    public EvaluationSummary Build(long users) => users > 0 ? new(users, Metrics, Quantiles, Groups)
        : new(0, new SortedDictionary<string, double>(), new SortedDictionary<string, double>(), Groups);
}
