namespace FedRec.Core.Federation;

/// <summary>Where the clients of a round stand.</summary>
/// <param name="Counted">In the sum.</param>
/// <param name="Outstanding">Asked, without an answer.</param>
/// <param name="Dropped">Unreachable, or failed.</param>
/// <param name="Straggling">Known to come too late.</param>
/// <param name="Rejected">Sent something that cannot be added.</param>
/// <param name="IsUnmasked">Whether the masks are taken out of the sum.</param>
/// <param name="IsExpired">Whether the deadline has passed.</param>
public readonly record struct RoundTally(int Counted, int Outstanding, int Dropped, int Straggling, int Rejected, bool IsUnmasked, bool IsExpired);

/// <summary>What the rules make of a tally.</summary>
/// <param name="Phase">The phase from here on; the same as before when there is nothing to decide yet.</param>
/// <param name="Reason">Why a round is abandoned; otherwise null.</param>
public readonly record struct RoundDecision(RoundPhase Phase, string? Reason = null);

/// <summary>When an update counts, and when a round closes: what tells synchronous, buffered and secure aggregation apart. Holds no state.</summary>
/// <remarks><see cref="Round"/> keeps the books (nobody counts twice, a submission counts whole or not at all, nothing counts once it is closed) and asks
/// the rules after everything that happens. Rules are functions of what they are shown, so a round that is taken up again after a crash decides the same.</remarks>
public interface IRoundRules
{
    /// <summary>How far an update moves the model that is trained from the newest one; others move it by whole numbers up to this. Default: 1.</summary>
    int Unit => 1;

    /// <summary>How far updates of a round move the model, of <see cref="Unit"/>. Default: the whole.</summary>
    /// <param name="plan">This round.</param>
    /// <param name="round">Round that they were trained for.</param>
    int WeightOf(RoundPlan plan, int round) => Unit;

    /// <summary>Whether updates of a round and version may count in this round.</summary>
    /// <param name="plan">This round.</param>
    /// <param name="round">Round that they were trained for.</param>
    /// <param name="baseVersion">Version that they were trained from.</param>
    bool Admits(RoundPlan plan, int round, long baseVersion);

    /// <summary>What follows while the round is collecting or unmasking.</summary>
    /// <param name="plan">This round.</param>
    /// <param name="phase">The phase so far.</param>
    /// <param name="tally">Where its clients stand.</param>
    /// <returns>The same phase or a later one.</returns>
    RoundDecision Decide(RoundPlan plan, RoundPhase phase, RoundTally tally);
}

/// <summary>Federated averaging round by round: closes at the report goal, and at the deadline or with nobody left to wait for if there is a quorum.</summary>
/// <remarks>Bonawitz et al. 2019, arXiv:1902.01046, §2.2.</remarks>
public sealed class SynchronousRules : IRoundRules
{
    /// <summary>The one there is.</summary>
    public static SynchronousRules Instance { get; } = new();

    /// <inheritdoc/>
    public bool Admits(RoundPlan plan, int round, long baseVersion) => round == plan.Number && baseVersion == plan.BaseVersion;

    /// <inheritdoc/>
    public RoundDecision Decide(RoundPlan plan, RoundPhase phase, RoundTally tally)
    {
        if (tally.Counted >= plan.ReportGoal)
        {
            return new RoundDecision(RoundPhase.Aggregating);
        }

        if (tally is { IsExpired: false, Outstanding: > 0 })
        {
            return new RoundDecision(phase);
        }

        var when = tally.IsExpired ? "at the deadline" : "with nobody left to wait for";
        return tally.Counted >= plan.Quorum
            ? new RoundDecision(RoundPhase.Aggregating)
            : new RoundDecision(RoundPhase.Abandoned, $"quorum not met {when}: {tally.Counted} of at least {plan.Quorum} updates, {tally.Dropped} dropped, {tally.Straggling + tally.Outstanding} late, {tally.Rejected} rejected");
    }
}
