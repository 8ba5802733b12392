using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Parties;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Turns what Core found into messages.</summary>
internal static class EvaluationMessages
{
    /// <summary>The record of an evaluation.</summary>
    public static EvaluationRecord ToRecord(string name, EvaluationSummary summary, TimeSpan took) => new()
    {
        Name = name,
        Users = (int)summary.Users,
        Metrics = summary.Metrics.ToImmutableSortedDictionary(),
        Quantiles = summary.Quantiles.ToImmutableSortedDictionary(),
        Groups = [.. summary.Groups.Select(ToMessage)],
        Seconds = took.TotalSeconds,
    };

    /// <summary>A line of a comparison.</summary>
    public static MetricDifference ToMessage(PairedDifference difference) =>
        new(difference.Metric, difference.First, difference.Second, difference.Low, difference.High);

    private static EvaluationGroup ToMessage(QualityGroup group) => new(
        NameOf(group.Kind),
        group.From, group.To, group.Count, group.Cutoff, group.HitRate, group.Ndcg);

    private static string NameOf(QualityGroupKind kind) => kind switch
    {
        QualityGroupKind.Activity => "activity",
        QualityGroupKind.Tenure => "tenure",
        QualityGroupKind.ColdStart => "cold-start",
        QualityGroupKind.Popularity => "popularity",
        QualityGroupKind.NewUsers => "new-users",
        QualityGroupKind.NewItems => "new-items",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no name for it."),
    };
}

/// <summary>What an order means on the data at hand; the same wherever it is worked out.</summary>
internal sealed class EvaluationPlan
{
    private const ulong BootstrapSeed = 0; // one for all, so that comparisons the other way round mirror each other
    private readonly int _replicates;

    private readonly bool _onValidation;
    private readonly EvaluationSplit? _shared; // of a simulation: of all clients

    public EvaluationPlan(EvaluateOrder order, RunContext run)
    {
        (_replicates, _onValidation) = (order.Replicates, order.OnValidation);
        _shared = run.Simulated is { } simulated ? SplitOf(simulated.Dataset) : null;
        Frame = _shared is null ? EvaluationFrame.Of(run.Catalogue, order.Cutoffs, order.Sampled) : EvaluationFrame.Of(_shared, order.Cutoffs, order.Sampled);
    }

    /// <summary>What is ranked of a client.</summary>
    public EvaluationSplit Of(PartyHoldings holdings) => _shared ?? SplitOf(holdings.Data);

    public EvaluationFrame Frame { get; }

    /// <summary>Empty sums of an evaluation.</summary>
    public MetricSums NewMetrics() => new(Frame);

    /// <summary>Empty counts of items.</summary>
    public ItemCounts NewCounts() => new(Frame.ItemCount);

    /// <summary>Empty sums of a comparison.</summary>
    public BootstrapSums NewComparison() => PairedEvaluator.NewSums(Frame, _replicates, BootstrapSeed);

    private EvaluationSplit SplitOf(Dataset dataset) => _onValidation ? EvaluationSplit.Validation(dataset) : EvaluationSplit.Test(dataset);
}
