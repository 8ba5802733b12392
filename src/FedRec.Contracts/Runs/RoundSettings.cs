using System.Text.Json.Serialization;

namespace FedRec.Contracts.Runs;

/// <summary>How the rounds of a run are run.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.round-settings")]
public sealed record RoundSettings
{
    /// <summary>Rounds of the run; 0 takes what the learner recommends. Default: 0.</summary>
    [Id(0)] public int Count { get; init; }

    /// <summary>Clients asked in one round; 0 asks all of them. Default: 0.</summary>
    [Id(1)] public int CohortSize { get; init; }

    /// <summary>Updates that close a round; 0 waits for the whole cohort. Default: 0.</summary>
    [Id(2)] public int ReportGoal { get; init; }

    /// <summary>Share of the report goal below which a round is abandoned at its deadline, in (0, 1]. Default: 0.5.</summary>
    [Id(3)] public double Quorum { get; init; } = 0.5;

    /// <summary>Time after which stragglers are left behind; 0 takes what the learner recommends. Default: 0.</summary>
    [Id(4)] public TimeSpan Deadline { get; init; }

    /// <summary>How clients are weighted in the mean: <c>examples</c>, <c>capped</c> (examples, with a cap), <c>uniform</c>, <c>inverse</c>
    /// (1 / examples), <c>loss</c> (mean training loss, bounded), or <c>default</c> for the learner's own choice. Default: default.</summary>
    [Id(5)] public string Weighting { get; init; } = "default";

    /// <summary>Largest weight of one client, in examples, 1 / examples or loss; 0 for no cap. Default: 0.</summary>
    [Id(6)] public double WeightCap { get; init; }

    /// <summary>Rounds between two checkpoints, from which a run goes on after a crash; 1 stores one after each round, 0 stores one 5 s after
    /// the last. Rounds between two checkpoints are repeated identically. What is served never comes from a checkpoint. Default: 1.</summary>
    [Id(7)] public int PublishEvery { get; init; } = 1;

    /// <summary>Simulated chance that a client drops out of a round, in [0, 1). Default: 0.</summary>
    [Id(8)] public double Dropout { get; init; }

    /// <summary>Simulated chance that a client misses the deadline, in [0, 1). Default: 0.</summary>
    [Id(9)] public double Straggler { get; init; }

    /// <summary>Draws who is late from the seed instead of the clock, so that a simulation is repeatable; false counts whoever comes first. Default: true.</summary>
    [Id(10)] public bool VirtualTime { get; init; } = true;

    /// <summary>Largest share of all weights that one client may have where all take part, in (0, 1] and at least 1 / clients; 0 for no limit.
    /// With weighting <c>examples</c> or <c>capped</c>, which then counts a client's training interactions. A cohort that lacks clients
    /// can exceed it. Default: 0.</summary>
    [Id(11)] public double MaxShare { get; init; }

    /// <summary>L2 norm to which the direction of each client's update is clipped before it is weighted; 0 for no bound. Not for learners whose clients send
    /// exact statistics. Default: 0.</summary>
    [Id(12)] public double ClipNorm { get; init; }

    /// <summary>The aggregator whose updates are masked.</summary>
    public const string SecureMean = "secure-mean";

    /// <summary>What makes one thing of the updates: <c>mean</c>; <c>secure-mean</c>, the same of masked updates; or, for which the server sees single updates and every client counts alike,
    /// <c>median</c> or <c>trimmed-mean</c> of each coordinate, <c>row-trimmed-mean</c> or <c>bounded-mean</c> of each row over the clients that sent it, <c>krum</c> or <c>multi-krum</c>; or one
    /// that was added where the silos' hosts are built. Default: mean.</summary>
    [Id(13)] public string Aggregator { get; init; } = "mean";

    /// <summary>Share of the clients that <c>trimmed-mean</c> and <c>row-trimmed-mean</c> cut from each end of a coordinate, and that <c>krum</c> and <c>multi-krum</c> take for wrong, in
    /// (0, 0.5); 0 for 0.1. Share of a usual client's rows that <c>bounded-mean</c> shortens, in (0, 1); 0 for 0.05. Of an aggregator that was added, the number it goes by. Default: 0.</summary>
    [Id(14)] public double Trim { get; init; }

    /// <summary>Update steps that each client takes before its update is clipped to <see cref="ClipNorm"/>, in their order: names with commas between them, each
    /// with <c>=NUMBER</c> where it takes one. FedRec's own is <c>clip=NORM</c>; others are added where the silos' hosts are built. Not for learners whose clients send
    /// exact statistics. Default: null, for none.</summary>
    [Id(15), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Steps { get; init; }

    /// <summary>Who waits for whom: null for rounds that wait for their cohort; <see cref="Gossip"/> without a server; <see cref="Asynchronous"/> where nobody waits: <see cref="CohortSize"/> clients are always in training,
    /// and every <see cref="ReportGoal"/> updates (0 for a tenth) make a step, each discounted by 1 / √(1 + s) where its model is s steps behind. Not for exact statistics, nor where clients keep
    /// state. Default: null.</summary>
    [Id(16), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Mode { get; init; }

    /// <summary>Most steps that an update's model may be behind in an asynchronous run; null takes 20. Default: null.</summary>
    [Id(17), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? MaxStaleness { get; init; }

    /// <summary>Who speaks to whom in mode <see cref="Gossip"/>: <c>ring</c> or <c>random</c> (four others each, drawn from the seed); null takes a ring. Default: null.</summary>
    [Id(18), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Topology { get; init; }

    /// <summary>Regions that clients are dealt to by their numbers, each of which puts its clients' updates together before the round gets them; null for none. The model is the same with and
    /// without them; one that is lost costs only its clients, until they are asked again. Not with a <see cref="Mode"/>. Default: null.</summary>
    [Id(19), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? Regions { get; init; }

    /// <summary>Whether the deadline follows what was seen: three times the 95th percentile of the time that clients took to answer in the last ten rounds, at least a second and at most
    /// <see cref="Deadline"/>. In real time only. Default: false.</summary>
    [Id(20), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool AdaptiveDeadline { get; init; }

    /// <summary>Failures in a row (it could not be reached, its training failed, its update could not be added) after which a client is left alone for ten rounds; 0 for never, null for 3.
    /// Simulated dropouts are none, and rounds that need everybody ask everybody. Default: null.</summary>
    [Id(21), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? ErrorBudget { get; init; }

    /// <summary>The mode in which nobody waits for anybody.</summary>
    public const string Asynchronous = "async";

    /// <summary>The mode without a server: each client of a simulation trains a model of its own and mixes it with its neighbours' after every round; a version is made of their average.
    /// For learners as in mode <see cref="Asynchronous"/>, with all clients in each round, and in virtual time only.</summary>
    public const string Gossip = "gossip";
}
