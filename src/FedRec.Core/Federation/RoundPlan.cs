using System.Collections.Immutable;
using FedRec.Core.Aggregation;

namespace FedRec.Core.Federation;

/// <summary>Who is asked in a round, and how many have to answer.</summary>
/// <param name="Size">Clients asked; 0 for all of them.</param>
/// <param name="ReportGoal">Updates that close a round; 0 for the whole cohort.</param>
/// <param name="Quorum">Share of the report goal without which a round is abandoned, in (0, 1].</param>
public sealed record CohortOptions(int Size, int ReportGoal, double Quorum)
{
    /// <summary>All clients are asked, and all have to answer.</summary>
    public static CohortOptions Everybody { get; } = new(0, 0, 1);

    /// <summary>Clients asked.</summary>
    /// <param name="clients">Clients that there are.</param>
    public int SizeOf(int clients) => Size > 0 ? Math.Min(Size, clients) : clients;
}

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

    /// <summary>When an update counts, and when the round closes. Default: federated averaging, round by round.</summary>
    public IRoundRules Rules { get; init; } = SynchronousRules.Instance;

    /// <summary>What each client of the cohort was asked, in its order, where that is more than this round: clients that began earlier, with an earlier model; empty where all are asked
    /// in this round. Default: empty.</summary>
    public ImmutableArray<AskedClient> Asked { get; init; } = [];

    /// <summary>A round of clients that were asked at different times.</summary>
    /// <param name="number">The round, from 1.</param>
    /// <param name="baseVersion">Version the round builds on.</param>
    /// <param name="asked">Whoever may count in it, without repeats; at least one.</param>
    /// <param name="cohort">How many updates close it, and how many have to come.</param>
    /// <param name="rules">When an update counts.</param>
    /// <param name="updateLength">Values of the update layout.</param>
    public static RoundPlan Of(int number, long baseVersion, ImmutableArray<AskedClient> asked, CohortOptions cohort, IRoundRules rules, int updateLength)
    {
        var goal = GoalOf(cohort, asked.Length);
        return new RoundPlan(number, baseVersion, [.. asked.Select(one => one.Client)], goal, QuorumOf(cohort, goal), updateLength) { Asked = asked, Rules = rules };
    }

    /// <summary>Draws the cohort of a round; equal arguments give equal plans.</summary>
    /// <param name="number">The round, from 1.</param>
    /// <param name="baseVersion">Version the round builds on.</param>
    /// <param name="clients">Clients that there are, at least 1.</param>
    /// <param name="cohort">How many are asked, and have to answer.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="updateLength">Values of the update layout.</param>
    /// <param name="among">Numbers of the clients that it is drawn of, ascending; empty for all. Default: empty.</param>
    public static RoundPlan Draw(int number, long baseVersion, int clients, CohortOptions cohort, ulong seed, int updateLength, ImmutableArray<int> among = default)
    {
        var asked = among.IsDefaultOrEmpty ? CohortSampler.Draw(clients, cohort.Size, seed, number)
            : [.. CohortSampler.Draw(among.Length, cohort.Size, seed, number).Select(place => among[place])];
        var goal = GoalOf(cohort, asked.Length);
        return new RoundPlan(number, baseVersion, asked, goal, QuorumOf(cohort, goal), updateLength);
    }

    /// <summary>Updates that close a round of so many clients that are asked.</summary>
    internal static int GoalOf(CohortOptions cohort, int asked) => cohort.ReportGoal > 0 ? Math.Min(cohort.ReportGoal, asked) : asked;

    /// <summary>Updates without which a round with such a goal is abandoned.</summary>
    internal static int QuorumOf(CohortOptions cohort, int goal) => Math.Clamp((int)Math.Ceiling(cohort.Quorum * goal), 1, goal);
}
