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
        RunRequests.ThrowUnlessDealable(plan.Requests[0]);
        RunRequests.ThrowUnlessTrainable(plan.Requests[0], plan.Baselines);
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
