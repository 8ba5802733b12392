using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
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

    /// <summary>Seconds in rounds, without loading and evaluation.</summary>
    public required double TrainSeconds { get; init; }

    public required double PublishSeconds { get; init; }

    public required double ClientTrainingsPerSecond { get; init; }

    public required long BytesUp { get; init; }

    public required long BytesDown { get; init; }

    /// <summary>Managed memory of a client's grain that is active and idle, without the interactions; null when it was not measured.</summary>
    public double? BytesPerIdleClient { get; init; }

    /// <summary>Largest resident memory of this process, in bytes; null when another process trained.</summary>
    public long? PeakMemoryBytes { get; init; }

    /// <summary>The clients' own models beside the shared one; null without personalisation.</summary>
    public PersonalReport? Personal { get; init; }

    public required ModelReport Model { get; init; }

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
