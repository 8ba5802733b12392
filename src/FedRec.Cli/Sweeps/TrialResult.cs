using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Sweeps;

/// <summary>What became of one trial.</summary>
internal sealed record TrialResult
{
    /// <summary>Name of its folder.</summary>
    public required string Id { get; init; }

    /// <summary>The options that make the point.</summary>
    public required ImmutableSortedDictionary<string, string> Options { get; init; }

    /// <summary>Why there is no model, as when training went out of all bounds; null when there is one.</summary>
    public string? Failure { get; init; }

    /// <summary>Its runs, one per seed.</summary>
    public IReadOnlyList<TrialRun> Runs { get; init; } = [];

    /// <summary>Validation metrics over the seeds; empty after a failure.</summary>
    public SortedDictionary<string, Spread> Validation => Spread.Of([.. Runs.Select(run => run.Validation)]);

    /// <summary>The spread of test metrics over the users, over the seeds.</summary>
    [JsonIgnore]
    public SortedDictionary<string, Spread> TestQuantiles => Spread.Of([.. Runs.Select(run => run.TestQuantiles)]);

    /// <summary>Test metrics over the seeds: for the winner only, and never to choose by.</summary>
    public SortedDictionary<string, Spread> Test => Spread.Of([.. Runs.Select(run => run.Test)]);
}

/// <summary>One seed of a trial.</summary>
internal sealed record TrialRun(
    ulong Seed, string RunId, int Rounds, double TrainSeconds, RunStopReason StopReason, string? Reason, string ModelSha256,
    ImmutableSortedDictionary<string, double> Validation, ImmutableSortedDictionary<string, double> Test)
{
    /// <summary>How test metrics are spread over the users, such as <c>ndcg@10/worst-decile</c>. Default: none.</summary>
    public ImmutableSortedDictionary<string, double> TestQuantiles { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}
