using System.CommandLine;
using FedRec.Cli.Simulation;
using FedRec.Cli.Sweeps;

namespace FedRec.Cli.Commands;

/// <summary><c>simulate</c>: virtual clients train through the grains; leaves a run folder.</summary>
internal static class SimulateCommand
{
    public static Command Create(Terminal terminal)
    {
        var (run, learner) = (new RunOptions(), new LearnerArguments());
        var output = new SimulationOptions();
        var command = new Command("simulate", "Trains with virtual clients through the grains, evaluates against the baselines and leaves a run folder.");
        command.WithOptions(OptionGroup.BeginWith([run.Data, learner.Learner, run.Rounds, output.Seeds, output.Storage], [.. run.Groups, output.Group]));
        learner.AddTo(command);

        command.WithExamples(
            "fedrec simulate --rounds 20                                        the built-in synthetic catalogue",
            "fedrec simulate --data ml-100k/u.data --rounds 100 --seeds 3       mean ± sd of three seeds",
            "fedrec simulate --data ratings.csv --cohort 100 --dropout 0.1 --straggler 0.15 --deadline 5s",
            "fedrec simulate --data ratings.csv --objective logistic --dims 32 --negatives 4 --epochs 1 --batch 256 --cohort 200",
            "fedrec simulate --data ratings.csv --server-optimizer yogi --server-lr-schedule cosine --server-lr-warmup 5 --patience 4",
            "fedrec simulate --data ratings.csv --sweep sweep.json              {\"grid\": {\"dims\": [32, 64], \"server-lr\": [0.01, 0.02]}, \"seeds\": 3}",
            "fedrec simulate --clients 10000 --storage memory --format json     one JSON object on standard output");
        command.Run(terminal, (context, cancellationToken) => RunAsync(context, run, learner, output, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, RunOptions run, LearnerArguments learner, SimulationOptions output, CancellationToken cancellationToken)
    {
        if (context.Value(output.Sweep) is { } file)
        {
            return await SweepCommand.RunAsync(context, run, learner, output, file, cancellationToken);
        }

        var federation = context.Value(output.Federation);
        var (seeds, first, chosen) = (context.Value(output.Seeds), context.Value(run.Seed), learner.Read(context));
        var plan = new SimulationPlan(
            [.. Enumerable.Range(0, seeds).Select(i => RunRequests.Build(context, run, chosen, federation, first + (ulong)i))],
            context.Value(output.Cutoffs), output.BaselinesOf(context, run), context.Value(output.Recommendations));
        RunRequests.ThrowUnlessDealable(plan.Runs[0]);
        RunRequests.ThrowUnlessTrainable(plan.Runs[0], plan.Baselines);
        var home = context.FullPath(context.Value(output.Out) ?? "runs");
        var folder = context.Value(output.Out) is null
            ? RunFolder.Create(Path.Combine(home, RunFolder.DefaultName(federation, $"new-{Environment.ProcessId}", DateTimeOffset.UtcNow)))
            : RunFolder.Create(home);

        try
        {
            await using var session = await VerbSession.OpenAsync(context, output.Storage, cancellationToken, trainsLong: true);
            var report = await new SimulationRunner(context, session, plan, folder).RunAsync(context.Value(output.Out) is null, cancellationToken);
            context.Write(report, SimulationTables.Of(report));
            return ExitCode.Ok;
        }
        catch
        {
            folder.GiveUp(context.Say);
            throw;
        }
    }
}

/// <summary>The options of <c>simulate</c> that are not part of the run itself.</summary>
internal sealed class SimulationOptions
{
    public Option<int> Seeds { get; } = TypedOptions.Number("--seeds", "Runs with the seeds S, S+1, …; metrics are mean ± sd.", 1, 1, 1_000);

    public Option<string> Federation { get; } = new("--federation") { Description = "Name of the federation.", HelpName = "NAME", DefaultValueFactory = _ => "simulation" };

    public Option<string?> Storage { get; } = CommonOptions.Storage();

    public Option<string?> Out { get; } = TypedOptions.Text("--out", "The run folder; it must be new or empty. Default: runs/FEDERATION-RUN-TIME. Of a sweep: runs/sweep-FILE, where it goes on.", "DIR");

    public Option<int[]> Cutoffs { get; } = OfRuns(Commands.Baselines.Cutoffs());

    public Option<string[]> Baselines { get; } = OfRuns(Commands.Baselines.Option("all"));

    public Option<int> Recommendations { get; } = OfRuns(TypedOptions.Number("--recs", "Recommendations of each user in recs.tsv; 0 writes none.", 10, 0, 1_000));

    public Option<string?> Sweep { get; } = TypedOptions.Text("--sweep", "Trains every point of a sweep file and ranks them on validation interactions; finished trials are not repeated.", "FILE");

    /// <summary>The baselines of a run: those that are asked for; for a labelled table by default popularity alone, as the others see no features.</summary>
    public string[] BaselinesOf(CommandContext context, RunOptions run) =>
        context.Line.GetResult(Baselines) is { Implicit: true } && context.Value(run.Schema) is not null ? ["popularity"] : context.Value(Baselines);

    /// <summary>What the trials of a sweep do not have: they are compared on validation interactions.</summary>
    public IReadOnlyList<Option> NotOfSweeps => [Cutoffs, Baselines, Recommendations];

    public OptionGroup Group => new("Output", [Out, Federation, Storage, Seeds, Cutoffs, Baselines, Recommendations, Sweep]);

    private static Option<T> OfRuns<T>(Option<T> option)
    {
        option.Description += " Not with --sweep.";
        return option;
    }
}
