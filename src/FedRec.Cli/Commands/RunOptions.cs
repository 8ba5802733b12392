using System.CommandLine;
using System.CommandLine.Parsing;

namespace FedRec.Cli.Commands;

/// <summary>The options of a training run that every learner shares.</summary>
internal sealed class RunOptions
{
    public Option<string?> Data { get; } = new("--data") { Description = "File or folder with interactions; without it, the built-in synthetic catalogue.", HelpName = "PATH" };

    public Option<int> Clients { get; } = Number("--clients", "Users of the synthetic catalogue (only without --data).", 1_000, 2);

    public Option<int> Items { get; } = Number("--items", "Items of the synthetic catalogue (only without --data).", 800, 10);

    public Option<int> Parties { get; } = Number("--parties", "Deals the users to this many organisations; 0: each user is a client.", 0, 0);

    public Option<int> Rounds { get; } = Number("--rounds", "Rounds of training; 0 takes what the learner recommends.", 0, 0);

    public Option<int> Cohort { get; } = Number("--cohort", "Clients asked in a round; 0 asks all.", 0, 0);

    public Option<ulong> Seed { get; } = new("--seed") { Description = "Seed of every draw; equal seeds give the same model bytes.", HelpName = "S", DefaultValueFactory = _ => 1 };

    public Option<double> Dropout { get; } = Share("--dropout", "Simulated chance that a client drops out of a round.", 0, highIncluded: false);

    public Option<double> Straggler { get; } = Share("--straggler", "Simulated chance that a client misses the deadline.", 0, highIncluded: false);

    public Option<TimeSpan> Deadline { get; } = new("--deadline")
    {
        Description = "Time after which stragglers are left behind: 500ms, 30s, 2m. [default: 60s]",
        HelpName = "TIME",
        CustomParser = Parse.Duration,
    };

    public Option<int> ReportGoal { get; } = Number("--report-goal", "Updates that close a round; 0 waits for the whole cohort.", 0, 0);

    public Option<double> Quorum { get; } = Share("--quorum", "Share of the report goal below which a round is abandoned at its deadline.", 0.5);

    public Option<string> Weighting { get; } = Words("--weighting", "How clients count in the mean; default is the learner's own choice.", "default", "default", "examples", "uniform");

    public Option<double> WeightCap { get; } = Positive("--weight-cap", "Largest weight of one client; 0 for no cap.");

    public Option<string> ServerOptimizer { get; } = Words("--server-optimizer", "How the server steps; default is the learner's own choice.", "default", "default", "sgd", "adam");

    public Option<double> ServerLearningRate { get; } = Positive("--server-lr", "Server learning rate; 0 takes the learner's default.");

    public Option<double> ServerMomentum { get; } = Share("--server-momentum", "Momentum of the server optimizer sgd.", 0, highIncluded: false);

    public Option<int> PublishEvery { get; } = Number("--publish-every", "Rounds between two stored versions; the last is always stored. 0 stores only the last.", 10, 0);

    public Option<int> EvaluateEvery { get; } = Number("--evaluate-every", "Rounds between two evaluations; 0 evaluates at the end.", 0, 0);

    public Option<int> Patience { get; } = Number("--patience", "Evaluations without a better validation NDCG@10 after which training stops; 0 never.", 0, 0);

    public IReadOnlyList<Option> All =>
    [
        Data, Clients, Items, Parties, Rounds, Cohort, Seed, Dropout, Straggler, Deadline, ReportGoal, Quorum, Weighting, WeightCap,
        ServerOptimizer, ServerLearningRate, ServerMomentum, PublishEvery, EvaluateEvery, Patience,
    ];

    private static Option<int> Number(string name, string description, int otherwise, int low)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };
        option.Validators.Add(Parse.InRange(low, int.MaxValue));
        return option;
    }

    private static Option<double> Share(string name, string description, double otherwise, bool highIncluded = true)
    {
        var option = new Option<double>(name) { Description = description, HelpName = "P", DefaultValueFactory = _ => otherwise };
        option.Validators.Add(Parse.InRange(0, 1, highIncluded));
        return option;
    }

    private static Option<double> Positive(string name, string description)
    {
        var option = new Option<double>(name) { Description = description, HelpName = "X", DefaultValueFactory = _ => 0 };
        option.Validators.Add(Parse.InRange(0, 1e9));
        return option;
    }

    private static Option<string> Words(string name, string description, string otherwise, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words), DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result => Allow(result, words));
        return option;
    }

    private static void Allow(OptionResult result, string[] words)
    {
        foreach (var token in result.Tokens.Where(t => !words.Contains(t.Value)))
        {
            result.AddError($"{result.Option.Name} {token.Value}: {Suggestion.Sentence(token.Value, words)}");
        }
    }
}
