using System.CommandLine;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Data.Cleaning;
using FedRec.Core.Federation;
using FedRec.Core.Learners.Transfers;

namespace FedRec.Cli.Commands;

/// <summary>The options of a training run that every learner shares.</summary>
internal sealed class RunOptions
{
    public Option<string?> Data { get; } = TypedOptions.Text("--data", "File or folder with interactions; without it, the built-in synthetic catalogue.", "PATH");

    public ReadingArguments Reading { get; } = new();

    public Option<string> Scenario { get; } = CommonOptions.Scenario();

    public Option<string?> Schema { get; } = TypedOptions.Text("--schema", "JSON file that declares the columns of --data: features and a label instead of interactions.", "FILE");

    public Option<int> Clients { get; } = TypedOptions.Number("--clients", "Users of the synthetic catalogue (only without --data).", 1_000, 2);

    public Option<int> Items { get; } = TypedOptions.Number("--items", "Items of the synthetic catalogue (only without --data).", 800, 8);

    public Option<int> Parties { get; } = TypedOptions.Number("--parties", "Deals the users to this many organisations; 0: each user is a client.", 0, 0);

    public Option<double> Alpha { get; } = TypedOptions.NotNegative("--party-alpha", "Deals tastes and volumes unevenly to the --parties, by a Dirichlet draw with this concentration: 0.1 very, 100 hardly; 0: alike.");

    public Option<string> Split { get; } = TypedOptions.Word("--split", "How interactions are held out: each user's last one; 80/10/10 of all at random; or each user's first new one after a cut in time, the same for everybody (temporal).", DatasetOptions.LeaveLastOut, [.. DatasetOptions.Splits]);

    public Option<double> TestShare { get; } = TypedOptions.Share(
        "--test-share", "Share of the interactions after the cut of --split temporal; validation is taken from as many before it.", DatasetOptions.UsualTestShare, oneAllowed: false);

    public Option<ulong> SplitSeed { get; } = TypedOptions.Seed("Seed of the random split, and of what is held out for validation where the data has no times.", "--split-seed");

    public Option<string?> KindWeights { get; } = TypedOptions.Text(
        "--kind-weights", "What interactions count in training by the kind of event (view, click, cart, rating, purchase); 0 leaves a kind out. Default: the strongest kind counts 1.", "KIND=W,...");

    public Option<string> Clean { get; } = CleanOption();

    public Option<bool> NormalizeRatings { get; } = NormalizeOption();

    public Option<int> MinUserItems { get; } = MinUserItemsOption();

    public Option<int> MinItemUsers { get; } = MinItemUsersOption();

    public Option<string?> ContextData { get; } = ContextOption();

    public Option<int> WarmStart { get; } = TypedOptions.Number("--warm-start", "Begins with the parameters of this model version; 0 begins anew.", 0, 0);

    public Option<string?> WarmStartFrom { get; } = TypedOptions.Text("--warm-start-from", "Begins with the version in use of this other federation, or with --warm-start; its items and features are found in this catalogue.", "NAME");

    public Option<string> WarmStartMatch { get; } = TypedOptions.Word("--warm-start-match", "By what items of both catalogues are taken for the same.", ItemKeys.Id, [.. ItemKeys.All]);

    public Option<int> Rounds { get; } = TypedOptions.Number("--rounds", "Rounds of training; 0 takes what the learner recommends.", 0, 0, 1_000_000);

    public Option<int> Cohort { get; } = TypedOptions.Number("--cohort", "Clients asked in a round; 0 asks all.", 0, 0);

    public Option<ulong> Seed { get; } = TypedOptions.Seed("Seed of every draw; equal seeds give the same model bytes.");

    public Option<double> Dropout { get; } = TypedOptions.Share("--dropout", "Simulated chance that a client drops out of a round.", 0, oneAllowed: false);

    public Option<double> Straggler { get; } = TypedOptions.Share("--straggler", "Simulated chance that a client misses the deadline.", 0, oneAllowed: false);

    public Option<TimeSpan?> Deadline { get; } = new("--deadline")
    {
        Description = "Time after which stragglers are left behind: 500ms, 30s, 2m. Default: 1m, or 15m for a learner that adds up exact statistics, such as ease.",
        HelpName = "TIME",
        CustomParser = result => Parse.Duration(result),
    };

    public Option<int> ReportGoal { get; } = TypedOptions.Number("--report-goal", "Updates that close a round; 0 waits for the whole cohort.", 0, 0);

    public Option<string> Mode { get; } = TypedOptions.Word(
        "--mode", "sync: a round waits for its cohort. async: nobody waits; --cohort clients are always in training, every --report-goal updates (0: a tenth of them) make a step, and those from older models count less. gossip: no server; each simulated client has a model of its own and mixes it with its neighbours'.",
        "sync", "sync", RoundSettings.Asynchronous, RoundSettings.Gossip);

    public Option<string> Topology { get; } = TypedOptions.Word("--topology", "With --mode gossip, who speaks to whom: a ring, or four others each, drawn from the seed.", GossipGraph.Ring, [.. GossipGraph.Names]);

    public Option<int?> MaxStaleness { get; } = TypedOptions.NumberOrNone("--max-staleness", "With --mode async, steps that an update's model may be behind; an older update is late. Default: 20.", 0, 1_000);

    public Option<int?> Regions { get; } = TypedOptions.NumberOrNone("--regions", "Regions that put their clients' updates together before the round gets them; the model stays the same.", 1, 10_000);

    public Option<bool> RealTime { get; } = new("--real-time") { Description = "Counts whoever comes first by the clock; without it, a simulation draws who is late from the seed and can be repeated." };

    public Option<bool> AdaptiveDeadline { get; } = new("--adaptive-deadline") { Description = "With --real-time, the deadline follows what was seen: three times what 95 % of the clients took in the last ten rounds, and --deadline at most." };

    public Option<int?> ErrorBudget { get; } = TypedOptions.NumberOrNone("--error-budget", "Failures in a row after which a client is left alone for ten rounds; 0 for never. Default: 3.", 0, 1_000_000);

    public Option<double> Quorum { get; } = TypedOptions.Share("--quorum", "Share of the report goal below which a round is abandoned at its deadline.", 0.5);

    public Option<string> Weighting { get; } = TypedOptions.Word(
        "--weighting", "How clients count in the mean: by examples, by examples up to --weight-cap, alike, by 1/examples, or by their loss within bounds; default is the learner's own choice.",
        "default", ["default", .. ClientWeighting.Names]);

    public Option<double> WeightCap { get; } = TypedOptions.NotNegative("--weight-cap", "Largest weight of one client, in examples, 1/examples or loss, where clients do not count alike (uniform); 0 for no cap.");

    public Option<double> MaxShare { get; } = TypedOptions.Share("--max-share", "Largest share of all weights that one client may have, with weighting examples; 0 for no limit.", 0);

    public Option<double> ClipNorm { get; } = TypedOptions.NotNegative("--clip-norm",
        "L2 norm to which each client's update is shortened before it is weighted, for ncf, two-tower, mlp, and mf with objective logistic or bpr; 0 for no bound.");

    public Option<string> Aggregator { get; } = TypedOptions.Word("--aggregator",
        "What makes one thing of the updates: their mean; bounded-mean, whose updates are no longer than usual ones, in each row and as a whole, or row-trimmed-mean, where a few wrong clients among many cannot move an item far; median or trimmed-mean of each coordinate, for parties that have most items, as an item that most say nothing of stays as it is; krum or multi-krum, the updates nearest to each other.",
        "mean", [.. RunRequests.Parts.Aggregators]);

    public Option<string?> UpdateSteps { get; } = new("--update-steps")
    {
        Description = "What each update goes through on its way, one after the other: clip=X, topk=SHARE (the largest values; the rest is kept with the client and added to what it trains next), one of float16, int8 and int4 (rounded by chance), zstd (packed), each if wanted. Bytes are counted as they would travel.",
        HelpName = "STEP,…",
    };

    public Option<double> Trim { get; } = TypedOptions.Share("--trim", "Share of the clients that trimmed-mean and row-trimmed-mean cut from each end, and that krum and multi-krum take for wrong, below 0.5 (0 for 0.1); of a usual client's rows, those that bounded-mean shortens (0 for 0.05).", 0);

    public Option<double?> Epsilon { get; } = TypedOptions.NotNegativeOrNone("--epsilon",
        "Differential privacy of the models for each client: the most ε that the run may spend. For pca; and with --clip-norm for ncf, and mf with objective logistic or bpr.", 1_000);

    public Option<double?> Delta { get; } = TypedOptions.NotNegativeOrNone("--delta", "With --epsilon, δ: less than 1 / clients. Default: 1e-5.", 1);

    public Option<double?> NoiseMultiplier { get; } = TypedOptions.NotNegativeOrNone("--noise-multiplier",
        "With --epsilon, the standard deviation of the noise as a multiple of --clip-norm. Default: the smallest with which all rounds spend no more than --epsilon.", 10_000);

    public Option<double?> ClipQuantile { get; } = TypedOptions.NotNegativeOrNone("--clip-quantile",
        "With --epsilon, the share of clients whose updates shall be no longer than the clip norm, such as 0.5: it begins at --clip-norm and adapts. Default: it stays.", 1);

    public Option<string> Dp { get; } = TypedOptions.Word("--dp",
        "With --epsilon, whose noise it is: central, the server's, which sees each sum before; distributed, a share of each client's, under --aggregator secure-mean, so that nobody sees a sum without it; local, all of it each client's, so that nobody sees one update without it.",
        PrivacySettings.Central, [PrivacySettings.Central, PrivacySettings.Distributed, PrivacySettings.Local]);

    /// <summary>How updates come together.</summary>
    public IReadOnlyList<Option> Updates => [ClipNorm, Aggregator, Trim, UpdateSteps];

    /// <summary>How much each client counts.</summary>
    public IReadOnlyList<Option> Weights => [Weighting, WeightCap, MaxShare];

    public ServerStepOptions Server { get; } = new();

    public PersonalOptions Personal { get; } = new();

    public Option<int> PublishEvery { get; } = TypedOptions.Number("--publish-every", "Rounds between two checkpoints, from which a run goes on after a crash; 0 stores one after each round, or less often, so that it takes at most 3 % of the time, and every 5 s at least.", 0, 0);

    public Option<string> Promote { get; } = TypedOptions.Word("--promote",
        "Whether the version that the run publishes at its end is put in use; if-better: unless its validation NDCG@10 is more than 0.005 below the best in use since one was last chosen by hand, on the same data.",
        "if-better", "if-better", "always", "never");

    public Option<int> EvaluateEvery { get; } = TypedOptions.Number("--evaluate-every", "Rounds between two evaluations; 0 evaluates at the end.", 0, 0);

    public Option<int> Patience { get; } = TypedOptions.Number("--patience", "Evaluations without a better validation NDCG@10 after which training stops, and the best round is published; 0 never.", 0, 0);

    public Option<(string Metric, double Value)?> Target { get; } = new("--target")
    {
        Description = "Stops once it is reached: ndcg@10=0.07 on validation, or loss=0.4 in training.",
        HelpName = "METRIC=X",
        CustomParser = result => Parse.Target(result),
    };

    public static Option<string> CleanOption() => TypedOptions.Words("--clean", "Each party removes from its own rows, before the split: events repeated within 60 s, users that are bots, impossible ratings and times.", CleaningWords.All);

    public static Option<bool> NormalizeOption() => new("--normalize-ratings") { Description = "Maps each party's ratings from its own lowest and highest to 0 and 1." };

    public static Option<int> MinUserItemsOption() => TypedOptions.Number("--min-user-items", "Leaves out users with fewer items, before the split; with --min-item-users again and again until both hold (5 and 5: the 5-core).", 0, 0);

    public static Option<int> MinItemUsersOption() => TypedOptions.Number("--min-item-users", "Leaves out items with fewer users, likewise.", 0, 0);

    public static Option<string?> ContextOption() => TypedOptions.Text("--context-data", "Interactions of the same users in another domain, which tell of them: never recommended, never held out.", "PATH");

    /// <summary>All of them, as help shows them.</summary>
    public IReadOnlyList<OptionGroup> Groups =>
    [
        new("Data",
        [
            Data, Schema, Scenario, Clients, Items, Split, TestShare, SplitSeed, KindWeights, Clean, NormalizeRatings, MinUserItems, MinItemUsers, ContextData,
        ]),
        Reading.Group,
        new("Parties", [Parties, Alpha]),
        new("Learner", [WarmStart, WarmStartFrom, WarmStartMatch]) { Note = "The options of a learner itself: --learner NAME --help" },
        Personal.Group,
        new("Rounds", [Rounds, Cohort, Seed, Deadline, ReportGoal, Quorum, EvaluateEvery, Patience, Target, PublishEvery, Promote]),
        new("Who waits for whom", [Mode, MaxStaleness, Topology, Regions, RealTime, AdaptiveDeadline, ErrorBudget]),
        new("Updates", [.. Weights, .. Updates]),
        new("Privacy", [Epsilon, Delta, NoiseMultiplier, ClipQuantile, Dp]),
        new("Server", Server.All),
        new("Faults", [Dropout, Straggler]),
    ];

    /// <summary>Who takes part, where parties have a process of their own.</summary>
    public Option<string?> PartyLabels { get; } = TypedOptions.Text("--party-labels", "Only parties with a process of their own that have all of these labels take part, and nobody else. Default: all clients.", "NAME=VALUE,…");

    /// <summary>Those of a federation whose clients keep their data themselves: there is none to name or deal, and nobody fails by chance.</summary>
    public IEnumerable<OptionGroup> HostedGroups => Groups.Where(group => group.Title is not ("Data" or "Parties" or "Faults") && group.Title != Reading.Group.Title).Append(new("Who takes part", [PartyLabels]));

    public IEnumerable<Option> All => Groups.SelectMany(group => group.Options);
}
