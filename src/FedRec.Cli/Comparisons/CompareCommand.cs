using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using FedRec.Cli.Commands;
using FedRec.Cli.Output;
using FedRec.Cli.Sweeps;
using FedRec.Core.Learners;

namespace FedRec.Cli.Comparisons;

/// <summary><c>compare</c>: methods against skewed parties, on users dealt alike and dealt unevenly, in one table.</summary>
/// <remarks>Its trials are those of a sweep, so that a comparison that was cut off goes on. Nothing is chosen by it, hence nothing is held out for validation.</remarks>
internal sealed class CompareCommand
{
    private const string Federation = "comparison"; // trials must not take the place of a model in use
    // μ = 0.1 holds mf at its start: gradients are of the mean over a batch, so that one row sees little of them (MovieLens 100K, loss .6926 after 30 rounds).
    private const string DefaultProximal = "0.001";
    private const string LocalObjective = "logistic"; // of mf, trained by local SGD, which the methods are about
    private static readonly string[] s_personalizable = ["mf", "ncf"];

    private readonly RunOptions _run = new();
    private readonly LearnerArguments _learner = new();
    private readonly Option<int> _seeds = TypedOptions.Number("--seeds", "Runs with the seeds S, S+1, …; numbers are mean ± sd.", 1, 1, 1_000);
    private readonly Option<bool> _modes = new("--modes") { Description = "Compares who waits for whom instead of methods: synchronous, over-selected, asynchronous, hierarchical and gossip, under 20 % stragglers and 10 % dropouts unless --straggler and --dropout say else." };
    private readonly Option<string?> _storage = CommonOptions.Storage();
    private readonly Option<string?> _out = TypedOptions.Text("--out", "Folder of the trials and the table; finished trials in it are not repeated. Default: runs/comparison.", "DIR");

    private CompareCommand()
    {
        _run.Parties.DefaultValueFactory = _ => 20;
        _run.Alpha.DefaultValueFactory = _ => 0.1;
    }

    // Methods, data and beginnings that a comparison chooses itself or cannot have.
    private IReadOnlyList<Option> Refused => [_run.Schema, _run.Personal.Method, _run.WarmStart, _run.WarmStartFrom, _run.WarmStartMatch];

    public static Command Create(Terminal terminal)
    {
        var own = new CompareCommand();
        var command = new Command("compare", "Shows FedAvg, FedProx (--proximal, here 0.001 unless given), SCAFFOLD, FedOpt and personalisation on parties that are alike and on skewed ones (--party-alpha, here 0.1), beside pooled training; with --modes, who waits for whom.");
        command.WithOptions(OptionGroup.BeginWith(
            [own._run.Data, own._learner.Learner, own._run.Parties, own._run.Alpha, own._seeds],
            [.. own._run.Groups.Select(group => group with { Options = [.. group.Options.Except(own.Refused)] }), new OptionGroup("Trials", [own._modes, own._storage, own._out])]));
        own._learner.AddTo(command);
        foreach (var refused in own.Refused)
        {
            refused.Hidden = true; // known, to be refused by name
            command.Add(refused);
        }

        command.WithExamples(
            "fedrec compare --modes --data ml-100k --objective bpr --rounds 100 --seeds 3",
            "fedrec compare --data ml-100k --parties 20 --party-alpha 0.1 --epochs 5 --seeds 3",
            "fedrec compare --data ml-100k --learner ncf --proximal 0.01 --rounds 30 --format csv");
        command.Run(terminal, own.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        RefuseUnused(context);
        return context.Value(_modes) ? await CompareModesAsync(context, cancellationToken) : await CompareMethodsAsync(context, cancellationToken);
    }

    private async Task<int> CompareModesAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var comparison = new ModeComparison(context, _run, _learner, Federation, context.Value(_seeds));
        var trials = comparison.Trials();
        var folder = context.FullPath(context.Value(_out) ?? Path.Combine("runs", "modes"));
        await using var session = await VerbSession.OpenAsync(context, _storage, cancellationToken, trainsLong: true);
        var results = (await new SweepRunner(session, folder).RunAsync([.. trials.Select(trial => trial.Trial)], cancellationToken)).ToDictionary(result => result.Id, StringComparer.Ordinal);
        var report = comparison.Report(trials, results, folder);
        var table = ModeTable.Of(report);
        Write(folder, report, table);
        context.Write(report, table);
        return ExitCode.Ok;
    }

    private async Task<int> CompareMethodsAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (methods, alpha) = (Methods(context), context.Value(_run.Alpha).ToString("R", CultureInfo.InvariantCulture));
        var trials = methods.Select(method => (Alike: Trial(context, method, "0"), Skewed: Trial(context, method, alpha))).ToList();
        RunRequests.ThrowUnlessDealable(trials[0].Skewed.Runs[0] with { Data = trials[0].Skewed.Runs[0].Data! with { Parties = context.Value(_run.Parties) } });
        var folder = context.FullPath(context.Value(_out) ?? Path.Combine("runs", "comparison"));
        await using var session = await VerbSession.OpenAsync(context, _storage, cancellationToken, trainsLong: true);
        var all = trials.SelectMany(trial => new[] { trial.Alike, trial.Skewed }).DistinctBy(trial => trial.Id).ToList();
        var results = (await new SweepRunner(session, folder).RunAsync(all, cancellationToken)).ToDictionary(result => result.Id, StringComparer.Ordinal);
        var rows = methods.Zip(trials, (method, trial) => MethodResult.Of(method.Name, results[trial.Alike.Id], results[trial.Skewed.Id]));
        var report = new MethodReport([.. rows], context.Value(_run.Parties), context.Value(_run.Alpha), context.Value(_seeds), folder);
        var table = MethodTable.Of(report);
        Write(folder, report, table);
        context.Write(report, table);
        return ExitCode.Ok;
    }

    private IReadOnlyList<ComparedMethod> Methods(CommandContext context)
    {
        var name = context.Value(_learner.Learner);
        var known = LearnerRegistry.All.FirstOrDefault(learner => learner.Name == name)?.Options.Select(option => option.Name).ToList() ?? [];
        var proximal = Given(context, "proximal") ?? DefaultProximal;
        var methods = ComparedMethod.All(known, s_personalizable.Contains(name), proximal);
        return name == "mf" && Given(context, "objective") is null
            ? [.. methods.Select(method => method with { Options = method.Options.Add("objective", LocalObjective) })] : methods;
    }

    private string? Given(CommandContext context, string option) => _learner.Own.OfType<Option<string?>>().FirstOrDefault(own => own.Name == $"--{option}") is { } found ? context.Value(found) : null;

    private SweepTrial Trial(CommandContext context, ComparedMethod method, string alpha)
    {
        var without = _run.Personal.Unused(method.Personalization).Concat(method.IsMean ? _run.Server.All : []).Concat(method.IsUniform ? _run.Weights : []).Select(option => option.Name[2..]);
        var point = method.ToPoint(alpha, method.Options.ContainsKey("proximal") ? without : without.Append("proximal"));
        return SweepTrial.ToCompare(context, _run, _learner, method.Options.ContainsKey("parties") ? point with { Without = point.Without.Add("party-alpha") } : point, Federation, context.Value(_seeds));
    }

    private void RefuseUnused(CommandContext context)
    {
        foreach (var option in Refused.Where(context.IsGiven))
        {
            throw new CliException(ExitCode.Usage, $"A comparison has no {option.Name}.", $"Leave out {option.Name}; it is an option of simulate.");
        }

        if (context.Value(_modes))
        {
            return;
        }

        if (context.Value(_run.Parties) < 2 || context.Value(_run.Alpha) == 0)
        {
            throw new CliException(ExitCode.Usage, "A comparison needs at least 2 --parties and a --party-alpha above 0.", "Leave them out for 20 parties and 0.1.");
        }
    }

    private static void Write<T>(string folder, T report, ResultTable table)
    {
        using var csv = new StringWriter();
        CsvText.Write(csv, table);
        File.WriteAllText(Path.Combine(folder, "compare.csv"), csv.ToString(), new UTF8Encoding(false));
        File.WriteAllText(Path.Combine(folder, "compare.json"), Json.Indented(report) + "\n", new UTF8Encoding(false));
    }
}

/// <summary>One row of the comparison: a name and the options that make it.</summary>
/// <param name="Name">As papers call it.</param>
/// <param name="Options">Options in place of those of the line.</param>
/// <param name="Personalization">How clients make the shared model their own, as <c>--personalize</c> names it; "none" where all score with the shared one.</param>
internal sealed record ComparedMethod(string Name, ImmutableSortedDictionary<string, string> Options, string Personalization = "none")
{
    /// <summary>The name of the row that no party is in: all data in one place, the same learner.</summary>
    public const string Pooled = "pooled";

    private static readonly string[] s_personal = ["fine-tune", "additive", "interpolate", "clusters"];
    private static readonly ImmutableSortedDictionary<string, string> s_none = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    // FedAvg as McMahan et al. 2017 have it: the server takes the mean of the clients' models.
    private static readonly ImmutableSortedDictionary<string, string> s_mean = s_none.Add("server-optimizer", "sgd").Add("server-lr", "1");

    /// <summary>Whether its server takes the mean of the clients' models, so that options of the server's step are of other rows.</summary>
    public bool IsMean => Options.ContainsKey("server-optimizer");

    /// <summary>Whether it holds for clients that all count alike only.</summary>
    public bool IsUniform => Options.ContainsKey("scaffold");

    /// <summary>The methods that a learner can run.</summary>
    /// <param name="learnerOptions">Names of the learner's options.</param>
    /// <param name="canPersonalize">Whether its clients can have models of their own.</param>
    /// <param name="proximal">μ of FedProx.</param>
    public static IReadOnlyList<ComparedMethod> All(IReadOnlyCollection<string> learnerOptions, bool canPersonalize, string proximal)
    {
        List<ComparedMethod> methods = [new(Pooled, s_none.Add("parties", "1")), new("FedAvg", s_mean)];
        if (learnerOptions.Contains("proximal"))
        {
            methods.Add(new ComparedMethod("FedProx", s_mean.Add("proximal", proximal)));
        }

        if (learnerOptions.Contains("scaffold"))
        {
            methods.Add(new ComparedMethod("SCAFFOLD", s_none.Add("scaffold", "on").Add("server-optimizer", "default").Add("server-lr", "0")));
        }

        methods.Add(new ComparedMethod("FedOpt", s_none));
        return canPersonalize ? [.. methods, .. s_personal.Select(Personal)] : methods;
    }

    /// <summary>The point that is trained.</summary>
    /// <param name="alpha">Concentration of the deal to parties; 0 for users alike.</param>
    /// <param name="without">Names of the options that the method does not have.</param>
    public SweepPoint ToPoint(string alpha, IEnumerable<string> without) => new(Options.ContainsKey("parties") ? Options : Options.Add("party-alpha", alpha))
    {
        Without = [.. without],
    };

    private static ComparedMethod Personal(string method) => new($"FedOpt, {method}", s_none.Add("personalize", method), method);
}
