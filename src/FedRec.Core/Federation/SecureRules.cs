using FedRec.Core.Aggregation;

namespace FedRec.Core.Federation;

/// <summary>Rounds of masked updates: collected as <see cref="SynchronousRules"/> do, then unmasked by the clients that are counted, before their sum can be read.</summary>
/// <remarks>Bonawitz et al. 2017, ePrint 2017/281: whoever is counted when collecting ends is the set of survivors, which does not change any more.</remarks>
public sealed class SecureRules : IRoundRules
{
    /// <summary>The one there is.</summary>
    public static SecureRules Instance { get; } = new();

    /// <summary>The rules of a round by what makes one thing of its updates.</summary>
    /// <param name="aggregator">Of the round.</param>
    /// <param name="otherwise">The rules where updates are not masked.</param>
    public static IRoundRules For(IAggregator aggregator, IRoundRules otherwise) => ReferenceEquals(aggregator.Opened, aggregator) ? otherwise : Instance;

    /// <inheritdoc/>
    public bool Admits(RoundPlan plan, int round, long baseVersion) => SynchronousRules.Instance.Admits(plan, round, baseVersion);

    /// <inheritdoc/>
    public RoundDecision Decide(RoundPlan plan, RoundPhase phase, RoundTally tally)
    {
        if (phase == RoundPhase.Unmasking)
        {
            return tally.IsUnmasked ? new RoundDecision(RoundPhase.Aggregating)
                : tally.IsExpired ? new RoundDecision(RoundPhase.Abandoned, $"too few of {tally.Counted} clients have given away at the deadline what unmasks their sum")
                : new RoundDecision(phase);
        }

        var decision = SynchronousRules.Instance.Decide(plan, phase, tally);
        return decision.Phase == RoundPhase.Aggregating ? new RoundDecision(RoundPhase.Unmasking) : decision;
    }
}
