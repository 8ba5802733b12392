using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Simulation;

/// <summary>The answer of <c>simulate</c>. Counts and times are summed over the seeds; metrics are their means.</summary>
internal sealed record SimulationReport
{
    public required string Federation { get; init; }

    public required string Learner { get; init; }

    public required ImmutableSortedDictionary<string, string> LearnerOptions { get; init; }

    public required IReadOnlyList<ulong> Seeds { get; init; }

    public required DataReport Data { get; init; }

    public required string Protocol { get; init; }

    /// <summary>Users whose held-out interactions the metrics are of; with none, there are no metrics.</summary>
    public required long EvaluatedUsers { get; init; }

    /// <summary>Of the learner's final model, over the seeds.</summary>
    public required IReadOnlyDictionary<string, Spread> Metrics { get; init; }

    public required IReadOnlyDictionary<string, SortedDictionary<string, Spread>> Baselines { get; init; }

    /// <summary>Distribution over users, mean over the seeds.</summary>
    public required IReadOnlyDictionary<string, double> Quantiles { get; init; }

    public required int Rounds { get; init; }

    public required long Participants { get; init; }

    public required long Dropped { get; init; }

    public required long Late { get; init; }

    public required long Rejected { get; init; }

    public required int AbandonedRounds { get; init; }

    /// <summary>How clients were weighted.</summary>
    public required string Weighting { get; init; }

    /// <summary>Largest share that one client had in the mean of a round, in (0, 1].</summary>
    public required double LargestShare { get; init; }

    /// <summary>Share of the counted updates of all rounds that were clipped; null where nothing is clipped.</summary>
    public double? ClippedShare { get; init; }

    /// <summary>Seconds in rounds, without loading and evaluation.</summary>
    public required double TrainSeconds { get; init; }

    public required double PublishSeconds { get; init; }

    public required double ClientTrainingsPerSecond { get; init; }

    public required long BytesUp { get; init; }

    public required long BytesDown { get; init; }

    /// <summary>Bytes of sums and parameters that moved between silos; 0 on one silo.</summary>
    public required long MovedBytes { get; init; }

    /// <summary>Managed memory of a client's grain that is active and idle, without the interactions; null when it was not measured.</summary>
    public double? BytesPerIdleClient { get; init; }

    /// <summary>Largest resident memory of this process, in bytes; null when another process trained.</summary>
    public long? PeakMemoryBytes { get; init; }

    /// <summary>The clients' own models beside the shared one; null without personalisation.</summary>
    public PersonalReport? Personal { get; init; }

    public required ModelReport Model { get; init; }

    /// <summary>What the model says of its clients' privacy; null without differential privacy.</summary>
    public PrivacyStatement? Privacy { get; init; }

    /// <summary>Who can learn what of whom by the run, in words.</summary>
    public required TrustModel Trust { get; init; }

    public required IReadOnlyList<SeedReport> Runs { get; init; }

    public required string RunFolder { get; init; }
}

/// <summary>The data of a simulation.</summary>
internal sealed record DataReport(string Name, int Users, int Items, long Interactions, int Clients, double Density);

/// <summary>A model version by number and content.</summary>
internal sealed record ModelReport(long Version, string Sha256);

/// <summary>One seed of a simulation.</summary>
internal sealed record SeedReport(
    ulong Seed, string RunId, string Phase, RunStopReason StopReason, string? Reason, int Rounds, double TrainSeconds, ModelReport Model, ImmutableSortedDictionary<string, double> Metrics,
    PromotionDecision? Promotion);

/// <summary>What was measured around the runs.</summary>
/// <param name="Baselines">Baselines on the same data and protocol.</param>
/// <param name="BytesPerIdleClient">See <see cref="SimulationReport.BytesPerIdleClient"/>.</param>
/// <param name="PeakMemoryBytes">See <see cref="SimulationReport.PeakMemoryBytes"/>.</param>
internal sealed record Surroundings(IReadOnlyList<EvaluationRecord> Baselines, double? BytesPerIdleClient, long? PeakMemoryBytes);

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
            ClippedShare = last.Request.Rounds.ClipNorm > 0 && participants > 0 ? rounds.Sum(r => r.ClippedShare * r.Participants) / participants : null,
            TrainSeconds = seconds,
            PublishSeconds = results.Sum(r => r.Status.PublishSeconds),
            ClientTrainingsPerSecond = seconds > 0 ? participants / seconds : 0,
            BytesUp = rounds.Sum(r => r.BytesUp),
            BytesDown = rounds.Sum(r => r.BytesDown),
            MovedBytes = rounds.Sum(r => r.MovedSumBytes + r.ModelBytes),
            BytesPerIdleClient = surroundings.BytesPerIdleClient,
            PeakMemoryBytes = surroundings.PeakMemoryBytes,
            Personal = PersonalReport.Of(results),
            Model = ModelOf(results[^1]),
            Privacy = results[^1].Manifest.Privacy,
            Trust = TrustModel.Of(last),
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

/// <summary>One finished run with the quality of its final model.</summary>
/// <param name="Status">The run.</param>
/// <param name="Test">Its final model on the held-out interactions.</param>
/// <param name="Manifest">Its final model.</param>
internal sealed record RunResult(RunStatus Status, EvaluationRecord Test, ModelManifest Manifest)
{
    /// <summary>The same model as it is shared, and the paired difference of the clients' own to it; null without personalisation.</summary>
    public (EvaluationRecord Shared, ComparisonRecord Gain)? Personal { get; init; }
}

/// <summary>The clients' own models beside the shared one, of the last seed.</summary>
/// <param name="Method">How clients made them.</param>
/// <param name="Shared">The shared model, over the seeds.</param>
/// <param name="Own">Groups of the clients' own models.</param>
/// <param name="Before">The shared model of the last seed.</param>
/// <param name="Gain">Own against shared on the same users, of the last seed.</param>
internal sealed record PersonalReport(
    string Method, IReadOnlyDictionary<string, Spread> Shared, EvaluationRecord Own, EvaluationRecord Before, ComparisonRecord Gain)
{
    /// <summary>Null when the runs were not personalised.</summary>
    public static PersonalReport? Of(IReadOnlyList<RunResult> results) => results[^1] is { Personal: { } personal } last
        ? new PersonalReport(
            last.Status.Request.Personalization!.Method, Spread.Of([.. results.Select(r => r.Personal!.Value.Shared.Metrics)]), last.Test, personal.Shared, personal.Gain)
        : null;
}

/// <summary>What people call the data of a run.</summary>
internal static class DataName
{
    /// <summary>The folder of a file that is called like many others, else the file's own name.</summary>
    public static string Of(DataSpec data)
    {
        if (data.Path is not { } path)
        {
            return "synthetic";
        }

        var name = Path.GetFileNameWithoutExtension(path);
        var common = name is "u" or "ratings" or "interactions";
        return Directory.Exists(path) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(path))
            : common && Path.GetFileName(Path.GetDirectoryName(path)) is { Length: > 0 } folder ? folder
            : name;
    }
}
