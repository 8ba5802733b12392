using FedRec.Contracts.Rounds;

namespace FedRec.Cli.Simulation;

/// <summary>Puts finished runs together into one report.</summary>
internal static class SimulationSummary
{
    /// <param name="results">One per seed, at least one; the report names the model of the last.</param>
    /// <param name="surroundings">Baselines and memory.</param>
    /// <param name="dataName">Short name of the data.</param>
    /// <param name="folder">Run folder.</param>
    public static SimulationReport Of(IReadOnlyList<RunResult> results, Surroundings surroundings, string dataName, string folder)
    {
        var last = results[^1].Status;
        var rounds = results.SelectMany(r => r.Status.Rounds).ToList();
        var seconds = results.Sum(r => r.Status.TrainSeconds);
        var participants = rounds.Sum(r => (long)r.Participants);
        return new SimulationReport
        {
            Federation = last.Request.Federation,
            Learner = last.Request.Learner,
            LearnerOptions = last.Request.LearnerOptions,
            Seeds = [.. results.Select(r => r.Status.Request.Seed)],
            Data = new DataReport(dataName, last.Users, last.Items, last.Interactions, last.Clients, last.Interactions / ((double)last.Users * last.Items)),
            Protocol = last.Protocol,
            EvaluatedUsers = results[^1].Test.Users,
            Metrics = Spread.Of([.. results.Select(r => r.Test.Metrics)]),
            Baselines = surroundings.Baselines.ToDictionary(b => b.Name, b => Spread.Of([b.Metrics])),
            Quantiles = Spread.Of([.. results.Select(r => r.Test.Quantiles)]).ToDictionary(q => q.Key, q => q.Value.Mean),
            Rounds = results.Sum(r => r.Status.RoundsDone),
            Participants = participants,
            Dropped = rounds.Sum(r => (long)r.Dropped),
            Late = rounds.Sum(r => (long)r.Late),
            Rejected = rounds.Sum(r => (long)r.Rejected),
            AbandonedRounds = rounds.Count(IsAbandoned),
            Weighting = last.Request.Rounds.Weighting,
            LargestShare = rounds.Select(r => r.LargestShare).DefaultIfEmpty().Max(),
            TrainSeconds = seconds,
            PublishSeconds = results.Sum(r => r.Status.PublishSeconds),
            ClientTrainingsPerSecond = seconds > 0 ? participants / seconds : 0,
            BytesUp = rounds.Sum(r => r.BytesUp),
            BytesDown = rounds.Sum(r => r.BytesDown),
            BytesPerIdleClient = surroundings.BytesPerIdleClient,
            PeakMemoryBytes = surroundings.PeakMemoryBytes,
            Personal = PersonalReport.Of(results),
            Model = ModelOf(results[^1]),
            Runs = [.. results.Select(SeedOf)],
            RunFolder = folder,
        };
    }

    private static SeedReport SeedOf(RunResult result) => new(
        result.Status.Request.Seed, result.Status.RunId, result.Status.Phase.ToString(), result.Status.StopReason, result.Status.Reason, result.Status.RoundsDone,
        result.Status.TrainSeconds, ModelOf(result), result.Test.Metrics, result.Status.Promotion);

    private static ModelReport ModelOf(RunResult result) => new(result.Manifest.Version, result.Manifest.Sha256);

    private static bool IsAbandoned(RoundRecord round) => round.Phase == "Abandoned";
}
