using System.Collections.Immutable;
using System.Text;
using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Sweeps;

/// <summary><c>simulate --sweep</c>: many points of one command line, compared on validation interactions.</summary>
internal static class SweepCommand
{
    private const string DefaultFederation = "sweep"; // trials must not take the place of a model in use

    public static async Task<int> RunAsync(CommandContext context, RunOptions run, LearnerArguments learner, SimulationOptions output, string file, CancellationToken cancellationToken)
    {
        RefuseUnused(context, output);
        var path = context.FullPath(file);
        var plan = SweepFile.Read(path, SweepTrial.Options(run, learner));
        var federation = context.IsGiven(output.Federation) ? context.Value(output.Federation) : DefaultFederation;
        var trials = plan.Points.Select(point => SweepTrial.Create(context, run, learner, point, federation, plan.Seeds ?? context.Value(output.Seeds))).DistinctBy(trial => trial.Id).ToList();
        var folder = context.FullPath(context.Value(output.Out) ?? Path.Combine("runs", $"sweep-{Path.GetFileNameWithoutExtension(path)}"));

        RunRequests.ThrowUnlessDealable(trials[0].Runs[0]);
        await using var session = await VerbSession.OpenAsync(context, output.Storage, cancellationToken, trainsLong: true);
        var results = await new SweepRunner(session, folder).RunAsync(trials, cancellationToken);
        var report = SweepReport.Of(results, plan.Metric, folder);
        var table = SweepTables.Ranking(report);
        Write(folder, report, table);
        context.Write(report, table);
        return ExitCode.Ok;
    }

    private static void Write(string folder, SweepReport report, ResultTable table)
    {
        using var csv = new StringWriter();
        CsvText.Write(csv, table);
        File.WriteAllText(Path.Combine(folder, "sweep.csv"), csv.ToString(), new UTF8Encoding(false));
        File.WriteAllText(Path.Combine(folder, "sweep.json"), Json.Indented(report) + "\n", new UTF8Encoding(false));
    }

    private static void RefuseUnused(CommandContext context, SimulationOptions output)
    {
        foreach (var option in output.NotOfSweeps)
        {
            if (context.IsGiven(option))
            {
                throw new CliException(ExitCode.Usage, $"A sweep has no {option.Name}: it compares its trials on validation interactions.", $"Leave out {option.Name}, and give it when you train the winner.");
            }
        }
    }
}

/// <summary>Runs trials one after the other through the grains. A trial whose folder is complete is read instead of run again.</summary>
internal sealed class SweepRunner(FedRecSession session, string place)
{
    private const string ResultFile = "result.json";
    private readonly RunFollower _follower = new(session.Grains);

    /// <summary>All trials, in order.</summary>
    public async Task<IReadOnlyList<TrialResult>> RunAsync(IReadOnlyList<SweepTrial> trials, CancellationToken cancellationToken)
    {
        var results = new List<TrialResult>();
        foreach (var trial in trials)
        {
            var (label, folder) = ($"trial {results.Count + 1}/{trials.Count}  {trial.Point.Label}", Path.Combine(place, "trials", trial.Id));
            if (Read(Path.Combine(folder, ResultFile)) is { } done)
            {
                trial.Context.Say($"{label}  was run before");
                results.Add(done);
                continue;
            }

            results.Add(await RunAsync(trial, label, folder, cancellationToken));
        }

        return results;
    }

    private async Task<TrialResult> RunAsync(SweepTrial trial, string label, string place, CancellationToken cancellationToken)
    {
        var folder = RunFolder.Create(place);
        try
        {
            folder.WriteText("config.resolved.json", ResolvedConfiguration.ToJson(trial.Context, new SimulationPlan(trial.Runs, [], [], 0)));
            var result = await TrainAsync(trial, label, folder, cancellationToken);
            folder.WriteText(ResultFile, Json.Indented(result));
            folder.Complete();
            return result;
        }
        catch
        {
            folder.GiveUp(trial.Context.Say);
            throw;
        }
    }

    private async Task<TrialResult> TrainAsync(SweepTrial trial, string label, RunFolder folder, CancellationToken cancellationToken)
    {
        var runs = new List<TrialRun>();
        var result = new TrialResult { Id = trial.Id, Options = trial.Point.Options };
        foreach (var run in trial.Runs)
        {
            var request = run.Request;
            try
            {
                var status = await _follower.TrainAsync(trial.Context, session.OwnsSilo, trial.Runs.Count > 1 ? $"{label}  seed {request.Seed}" : label, run, cancellationToken);
                var manifest = await session.Grains.GetGrain<IModelGrain>(request.Federation).GetManifestAsync(status.Version, cancellationToken)
                    ?? throw new CliException(ExitCode.Failed, $"Model version {status.Version} is gone before it was written down.", "Run the sweep again; finished trials are kept.");
                MetricsLog.Write(folder, trial.Runs.Count > 1 ? $"seed-{request.Seed}" : "", [new RunResult(status, status.Evaluations[^1], manifest)]);
                runs.Add(ToRun(status));
            }
            catch (CliException e) when (e.ExitCode is ExitCode.QuorumNotMet or ExitCode.Diverged)
            {
                return result with { Failure = e.Message }; // updates out of all bounds are refused: a property of the point, and no reason to end the sweep
            }
        }

        return result with { Runs = runs };
    }

    // The last evaluation is that of the model left in use on test interactions; the one on validation is of the same round.
    private static TrialRun ToRun(RunStatus status)
    {
        var test = status.Evaluations[^1];
        var validation = status.Evaluations.LastOrDefault(evaluation => evaluation.OnValidation && evaluation.Round == test.Round); // none where nothing is chosen
        return new TrialRun(
            status.Request.Seed, status.RunId, status.RoundsDone, status.TrainSeconds, status.StopReason, status.Reason, status.Sha256,
            validation?.Metrics ?? ImmutableSortedDictionary<string, double>.Empty, test.Metrics)
        {
            TestQuantiles = test.Quantiles,
            Updates = status.Rounds.Sum(round => (long)round.Participants),
            VirtualSeconds = status.Rounds.Sum(round => round.VirtualSeconds),
            BytesUp = status.Rounds.Sum(round => round.BytesUp),
            BytesDown = status.Rounds.Sum(round => round.BytesDown),
            SumBytes = status.Rounds.Sum(round => round.SumBytes),
        };
    }

    private static TrialResult? Read(string file) => File.Exists(file) ? Json.Read<TrialResult>(File.ReadAllText(file)) : null;
}
