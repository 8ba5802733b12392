using System.Diagnostics;
using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Simulation;

/// <summary>Runs a simulation seed by seed through the grains and fills the run folder.</summary>
internal sealed class SimulationRunner(CommandContext context, FedRecSession session, SimulationPlan plan, RunFolder folder)
{
    private readonly RunFollower _follower = new(session.Grains);

    private string Federation => plan.Runs[0].Request.Federation;

    private IEvaluationGrain Evaluation => session.Grains.GetGrain<IEvaluationGrain>(Federation);

    /// <param name="nameAfterRun">Names the run folder after the first run, whose id is known only now.</param>
    /// <param name="cancellationToken">Stops the open run and ends.</param>
    public async Task<SimulationReport> RunAsync(bool nameAfterRun, CancellationToken cancellationToken)
    {
        folder.WriteText("config.resolved.json", ResolvedConfiguration.ToJson(context, plan));
        var results = new List<RunResult>();
        foreach (var run in plan.Runs)
        {
            results.Add(await RunSeedAsync(run, cancellationToken));
        }

        var idle = session.OwnsSilo ? await IdleClients.MeasureAsync(session.Grains, $"{Federation}/{results[0].Status.RunId}", results[0].Status.Clients, cancellationToken) : null;
        var baselines = await Baselines.EvaluateAsync(Evaluation, results[0].Status.RunId, plan.Baselines, plan.Cutoffs, context.Say, cancellationToken);
        return Finish(results, new Surroundings(baselines, idle, session.OwnsSilo ? PeakMemory() : null), DataName.Of(plan.Runs[0].Data!), nameAfterRun);
    }

    private async Task<RunResult> RunSeedAsync(PlannedRun run, CancellationToken cancellationToken)
    {
        var request = run.Request;
        var label = plan.Runs.Count > 1 ? $"{request.Learner} seed {request.Seed}" : request.Learner;
        var status = await _follower.TrainAsync(context, session.OwnsSilo, label, run, cancellationToken);
        var model = session.Grains.GetGrain<IModelGrain>(Federation);
        var manifest = await VerbSession.ManifestAsync(session.Models, Federation, status.Version, cancellationToken);
        var test = await Evaluation.EvaluateAsync(manifest.Version, [.. plan.Cutoffs], cancellationToken)
            ?? throw new CliException(ExitCode.Failed, $"Model version {manifest.Version} is gone before it was evaluated.", null);
        var result = new RunResult(status, test, manifest) { Personal = request.Personalization is null ? null : await CompareWithSharedAsync(manifest.Version, cancellationToken) };
        await WriteAsync(result, model, cancellationToken);
        return result;
    }

    private async Task<(EvaluationRecord Shared, ComparisonRecord Gain)> CompareWithSharedAsync(long version, CancellationToken cancellationToken)
    {
        context.Say("evaluating the shared model beside the clients' own");
        var shared = await Evaluation.EvaluateSharedAsync(version, [.. plan.Cutoffs], cancellationToken);
        var gain = await Evaluation.CompareAsync(version, new ComparedWith(version) { Shared = true }, [.. plan.Cutoffs], cancellationToken);
        return shared is not null && gain is not null ? (shared, gain)
            : throw new CliException(ExitCode.Failed, $"Model version {version} is gone before it was compared.", null);
    }

    private async Task WriteAsync(RunResult result, IModelGrain model, CancellationToken cancellationToken)
    {
        var prefix = plan.Runs.Count > 1 ? $"seed-{result.Status.Request.Seed}" : "";
        MetricsLog.Write(folder, prefix, [result]);
        await ModelFiles.WriteFolderAsync(model, result.Manifest, System.IO.Path.Combine(folder.Path, prefix), cancellationToken);
        if (plan.Recommendations > 0)
        {
            var recommender = session.Grains.GetGrain<IRecommenderGrain>(Federation);
            await RecommendationFile.WriteAsync(recommender, Federation, result.Manifest.Version, plan.Recommendations, folder.File(prefix, "recs.tsv"), cancellationToken);
        }
    }

    private SimulationReport Finish(List<RunResult> results, Surroundings surroundings, string dataName, bool nameAfterRun)
    {
        if (results.Count > 1)
        {
            CopyLast($"seed-{results[^1].Status.Request.Seed}");
            MetricsLog.Write(folder, "", results);
        }

        var place = nameAfterRun ? folder.NameAfter(RunFolder.DefaultName(Federation, results[0].Status.RunId, DateTimeOffset.UtcNow)) : folder.Place;
        var report = SimulationSummary.Of(results, surroundings, dataName, place);
        folder.WriteText("summary.json", Json.Indented(report));
        folder.Complete();
        return report;
    }

    // The folder itself shows the model that the report names, so that one seed and many look the same to a reader.
    private void CopyLast(string prefix)
    {
        foreach (var file in Directory.EnumerateFiles(System.IO.Path.Combine(folder.Path, prefix)))
        {
            File.Copy(file, folder.File(System.IO.Path.GetFileName(file)), overwrite: true);
        }
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}

/// <summary>What a simulation does.</summary>
/// <param name="Runs">One per seed, at least one.</param>
/// <param name="Cutoffs">Values of K.</param>
/// <param name="Baselines">Baselines in the same table.</param>
/// <param name="Recommendations">Items of each user in recs.tsv; 0 writes none.</param>
internal sealed record SimulationPlan(IReadOnlyList<PlannedRun> Runs, int[] Cutoffs, string[] Baselines, int Recommendations);
