using System.Collections.Immutable;
using FedRec.Core.Aggregation;

namespace FedRec.Core.Federation;

/// <summary>What is decided before any client of a round is asked.</summary>
/// <param name="Number">The round, from 1.</param>
/// <param name="BaseVersion">Published version the round builds on; 0 for the initial parameters.</param>
/// <param name="Cohort">Clients asked, without repeats; at least one.</param>
/// <param name="ReportGoal">Updates that close the round, 1 to the size of the cohort; the rest is over-selection.</param>
/// <param name="Quorum">Updates without which the round is abandoned, 1 to <paramref name="ReportGoal"/>.</param>
/// <param name="UpdateLength">Values of the update layout.</param>
public sealed record RoundPlan(
    int Number,
    long BaseVersion,
    ImmutableArray<int> Cohort,
    int ReportGoal,
    int Quorum,
    int UpdateLength)
{
    /// <summary>How sums are encoded. Default: the usual bits, and as many clients as the cohort has.</summary>
    public SumScale Scale { get; init; } = new(FixedPoint.Bits, Math.Max(1, Cohort.IsDefault ? 0 : Cohort.Length));

    /// <summary>What makes one thing of the updates. Default: the mean.</summary>
    public IAggregator Aggregator { get; init; } = MeanAggregator.Instance;
}
