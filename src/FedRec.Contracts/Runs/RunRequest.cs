using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FedRec.Contracts.Models;

namespace FedRec.Contracts.Runs;

/// <summary>Everything that defines a training run; equal requests give the same model bytes.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.run-request")]
public sealed record RunRequest
{
    /// <summary>Name of the federation; letters, digits, dot, dash, underscore.</summary>
    [Id(0)] public required string Federation { get; init; }

    /// <summary>What the run simulates. Null takes what its federation simulates, see <see cref="Federations.IFederationGrain.SimulateAsync"/>, or the built-in
    /// catalogue where it was told nothing, and holds out validation interactions where patience or the target needs them. The federation writes down here what
    /// that was when the run started. Where it is given, it is what the federation simulates from then on. Default: null.</summary>
    [Id(1)] public DataSpec? Data { get; init; }

    /// <summary>Name of the learner, such as <c>mf</c>.</summary>
    [Id(2)] public required string Learner { get; init; }

    /// <summary>Options of the learner by name; an unknown name is refused.</summary>
    [Id(3)] public ImmutableSortedDictionary<string, string> LearnerOptions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How rounds are run.</summary>
    [Id(4)] public RoundSettings Rounds { get; init; } = new();

    /// <summary>How the server steps.</summary>
    [Id(5)] public ServerOptimizerSettings ServerOptimizer { get; init; } = new();

    /// <summary>Seed of every draw of the run. Default: 1.</summary>
    [Id(6)] public ulong Seed { get; init; } = 1;

    /// <summary>How often the model is evaluated, in rounds; 0 for only at the end. Default: 0.</summary>
    [Id(7)] public int EvaluateEvery { get; init; }

    /// <summary>Evaluations without a better validation NDCG@10 after which the run stops; 0 to never stop early.
    /// Default: 0.</summary>
    [Id(8)] public int Patience { get; init; }

    /// <summary>Version of the federation whose parameters the run begins with, made by the same learner with the same shapes;
    /// 0 begins at the learner's own. Default: 0.</summary>
    [Id(9)] public long WarmStart { get; init; }

    /// <summary>What must be reached for the run to stop: <c>loss</c>, the training loss of a round, or a validation metric such as
    /// <c>ndcg@10</c>; null for no target. Default: null.</summary>
    [Id(10)] public string? TargetMetric { get; init; }

    /// <summary>The value that <see cref="TargetMetric"/> must reach: at most this for <c>loss</c>, at least this for a metric.</summary>
    [Id(11)] public double TargetValue { get; init; }

    /// <summary>Whether clients add the changes that they remember to the loaded data; the federation sets it when it starts the run. Default: false.</summary>
    [Id(12)] public bool RecordedHistory { get; init; }

    /// <summary>How clients make the versions of the run their own when they score; null when they take them as they are. Training and
    /// the version's bytes are the same with and without it; except with <c>clusters</c>, where models of clusters are trained beside the shared one
    /// and follow it in the version, whose shared parameters are still the same. Default: null.</summary>
    [Id(13)] public PersonalizationSettings? Personalization { get; init; }

    /// <summary>The federation whose version <see cref="WarmStart"/> is (0 for the one in use there), made by the same learner for another
    /// catalogue: item rows are found by item, columns of features by name, and what is not found begins as the learner begins; null for
    /// the run's own federation. Default: null.</summary>
    [Id(14)] public WarmStartSource? WarmStartFrom { get; init; }

    /// <summary>Whether the version that the run publishes at its end is put in use. Default: if-better.</summary>
    [Id(15)] public PromotionPolicy Promote { get; init; }

    /// <summary>Whom and what the run is about where clients keep their data themselves; the federation sets it when it starts the run. Null for a
    /// simulation. Default: null.</summary>
    [Id(16)] public HostedData? Hosted { get; init; }

    /// <summary><see cref="Data"/>, or the built-in catalogue where none is named.</summary>
    [JsonIgnore] public DataSpec Source => Data ?? DataSpec.BuiltIn;
}

/// <summary>The clients and items of a run over data that clients keep themselves, as they were when it started.</summary>
/// <param name="Clients">Clients 0 to this take part.</param>
/// <param name="Items">Version of the catalogue: items 0 to this are learned.</param>
/// <param name="HasRatings">Whether interactions carry ratings.</param>
[GenerateSerializer, Immutable, Alias("fedrec.hosted-data")]
public sealed record HostedData(
    [property: Id(0)] int Clients,
    [property: Id(1)] int Items,
    [property: Id(2)] bool HasRatings)
{
    /// <summary>Size class of the largest client: by it weights are scaled. Default: 0.</summary>
    [Id(3)] public byte LargestClass { get; init; }

    /// <summary>Users of all clients; 0 where each client is one user. Default: 0.</summary>
    [Id(4)] public int Users { get; init; }
}

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

    /// <summary>What makes one thing of the updates: <c>mean</c>, or <c>median</c> or <c>trimmed-mean</c> of each coordinate, for which the server sees single
    /// updates and every client counts alike; or one that was added where the silos' hosts are built. Default: mean.</summary>
    [Id(13)] public string Aggregator { get; init; } = "mean";

    /// <summary>Share of the clients that <c>trimmed-mean</c> cuts from each end of a coordinate, in (0, 0.5); 0 for 0.1. Of an aggregator that was added, the number
    /// it goes by. Default: 0.</summary>
    [Id(14)] public double Trim { get; init; }

    /// <summary>Update steps that each client takes before its update is clipped to <see cref="ClipNorm"/>, in their order: names with commas between them, each
    /// with <c>=NUMBER</c> where it takes one. FedRec's own is <c>clip=NORM</c>; others are added where the silos' hosts are built. Not for learners whose clients send
    /// exact statistics. Default: null, for none.</summary>
    [Id(15), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Steps { get; init; }
}

/// <summary>How the server turns the mean delta into the next parameters.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.server-optimizer")]
public sealed record ServerOptimizerSettings
{
    /// <summary><c>sgd</c>, <c>adagrad</c>, <c>adam</c>, <c>yogi</c>, or <c>default</c> for the learner's own choice. <c>fedavg</c>,
    /// <c>fedavgm</c> (<c>sgd</c> with momentum 0.9 unless another is given), <c>fedadagrad</c>, <c>fedadam</c> and <c>fedyogi</c> are
    /// other names of the same. Default: default.</summary>
    [Id(0)] public string Name { get; init; } = "default";

    /// <summary>Server learning rate at its highest; 0 takes the default of the learner or of the optimizer. Default: 0.</summary>
    [Id(1)] public double LearningRate { get; init; }

    /// <summary>Momentum of <c>sgd</c>, in [0, 1). Default: 0.</summary>
    [Id(2)] public double Momentum { get; init; }

    /// <summary>First-moment decay of <c>adam</c> and <c>yogi</c>, in [0, 1). Default: 0.9.</summary>
    [Id(3)] public double Beta1 { get; init; } = 0.9;

    /// <summary>Second-moment decay of <c>adam</c> and <c>yogi</c>, in [0, 1). Default: 0.99.</summary>
    [Id(4)] public double Beta2 { get; init; } = 0.99;

    /// <summary>Added to the root of the second moment of <c>adagrad</c>, <c>adam</c> and <c>yogi</c>. Default: 1e-8.</summary>
    [Id(5)] public double Epsilon { get; init; } = 1e-8;

    /// <summary>Lets <c>adam</c> go without bias correction, as in Reddi et al. 2021. Default: false.</summary>
    [Id(6)] public bool SkipBiasCorrection { get; init; }

    /// <summary>How the learning rate goes on after warm-up: <c>constant</c>, <c>step</c>, <c>exponential</c> or <c>cosine</c>. Default: constant.</summary>
    [Id(7)] public string Schedule { get; init; } = "constant";

    /// <summary>Rounds in which the learning rate rises linearly to its full value. Default: 0.</summary>
    [Id(8)] public int WarmupRounds { get; init; }

    /// <summary>Factor of <c>step</c> and <c>exponential</c>, in (0, 1]. Default: 0.5.</summary>
    [Id(9)] public double Decay { get; init; } = 0.5;

    /// <summary>Rounds in which the decay takes effect once; 0 for a third of the rounds after warm-up. Default: 0.</summary>
    [Id(10)] public int DecayEvery { get; init; }

    /// <summary>Share of the learning rate that <c>cosine</c> ends near, in [0, 1). Default: 0.</summary>
    [Id(11)] public double FinalShare { get; init; }
}

/// <summary>Where a federation's data is and how it is dealt to clients. Holds no data.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.data-spec")]
public sealed record DataSpec
{
    /// <summary>The built-in synthetic catalogue, with all defaults.</summary>
    public static DataSpec BuiltIn { get; } = new();

    /// <summary>Path that every silo can read, or null for the built-in synthetic catalogue.</summary>
    [Id(0)] public string? Path { get; init; }

    /// <summary>Users of the synthetic catalogue. Default: 1000.</summary>
    [Id(1)] public int SyntheticUsers { get; init; } = 1_000;

    /// <summary>Items of the synthetic catalogue. Default: 800.</summary>
    [Id(2)] public int SyntheticItems { get; init; } = 800;

    /// <summary>Seed of the synthetic catalogue. Default: 1.</summary>
    [Id(3)] public ulong SyntheticSeed { get; init; } = 1;

    /// <summary>Number of many-user clients the users are dealt to; 0 for one client per user. Default: 0.</summary>
    [Id(4)] public int Parties { get; init; }

    /// <summary>Also hold a validation interaction out, for early stopping. Default: false.</summary>
    [Id(5)] public bool HoldOutValidation { get; init; }

    /// <summary>How interactions are held out: <c>leave-last-out</c>, <c>random</c> (80/10/10 by interaction) or <c>temporal</c> (one cut in time for
    /// everybody, after which each user's first new item is held out). Default: leave-last-out.</summary>
    [Id(6)] public string Split { get; init; } = "leave-last-out";

    /// <summary>Seed of the random split, of what is held out for validation where the data has no times, and of which interaction of one time comes
    /// first in the temporal split. Default: 1.</summary>
    [Id(7)] public ulong SplitSeed { get; init; } = 1;

    /// <summary>JSON file that declares the columns of a labelled table, which every silo can read; null when the data is interactions. Default: null.</summary>
    [Id(8)] public string? Schema { get; init; }

    /// <summary>How unevenly tastes and volumes are dealt to the <see cref="Parties"/>: concentration of a Dirichlet distribution, above 0
    /// (0.1 is very uneven, 100 nearly even); 0 deals at random in equal sizes. Default: 0.</summary>
    [Id(9)] public double Alpha { get; init; }

    /// <summary>What each party removes from its own rows before they are split: some of <c>duplicates</c>, <c>bots</c> and <c>outliers</c>,
    /// separated by commas; empty for nothing. Default: empty.</summary>
    [Id(10)] public string Clean { get; init; } = "";

    /// <summary>Whether each party's ratings are mapped from its own lowest and highest to 0 and 1. Default: false.</summary>
    [Id(11)] public bool NormalizeRatings { get; init; }

    /// <summary>What interactions count in training by the kind of their events, such as <c>view=0.5,purchase=4</c>, each from 0 to 1,000; 0 leaves
    /// a kind out of training. Kinds that are not named, or null, take defaults, in which the strongest kind that occurs counts 1. <c>ease</c>
    /// counts all kinds alike that are not left out, and takes 0 and 1 only. Default: null.</summary>
    [Id(12)] public string? KindWeights { get; init; }

    /// <summary>A scenario whose parties and rules the data follows, such as <c>clinic</c>; null for plain interactions. Default: null.</summary>
    [Id(13)] public string? Scenario { get; init; }

    /// <summary>Interactions of the same users with items of another domain, a path that every silo can read: they tell of a user and are
    /// neither recommended nor held out; null for none. Default: null.</summary>
    [Id(14)] public string? ContextData { get; init; }

    /// <summary>What the files of interactions do not tell of themselves; null for nothing, then all of it is found out. Default: null.</summary>
    [Id(15)] public ReadingSpec? Reading { get; init; }

    /// <summary>Items that every user has at least, before the split: users with fewer are left out. 0 and 1 ask for nothing. Default: 0.</summary>
    [Id(30)] public int MinUserItems { get; init; }

    /// <summary>Users that every item has at least; like <see cref="MinUserItems"/>, again and again until both hold. Default: 0.</summary>
    [Id(31)] public int MinItemUsers { get; init; }

    /// <summary>Share of the interactions after the cut of the temporal split, and of those before it that validation is taken from where it is held
    /// out, in (0, 0.5). Default: 0.1.</summary>
    [Id(32)] public double TestShare { get; init; } = 0.1;
}
