using System.Collections.Immutable;
using FedRec.Contracts.Runs;
using Orleans.Concurrency;

namespace FedRec.Contracts.Federations;

/// <summary>One federation: its runs, of which at most one is active; the key is its name.</summary>
[Alias("fedrec.federation")]
public interface IFederationGrain : IGrainWithStringKey
{
    /// <summary>Starts a run, or goes on with it when the same request is already active.</summary>
    /// <param name="request">The run.</param>
    /// <param name="cancellationToken">Gives the start up while the data is being read; afterwards the run may have started.</param>
    /// <returns>The outcome; a second, different run gets <see cref="RunOutcome.Busy"/>, a wrong request <see cref="RunOutcome.Invalid"/>
    /// and leaves no trace.</returns>
    /// <remarks>Waits as long as the data is being read. Meanwhile the federation answers everything else, and the run can be watched.</remarks>
    [Alias("start-run"), ResponseTimeout("01:00:00")]
    Task<RunReceipt> StartRunAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>Called by a run that has ended; repeating it does nothing.</summary>
    [Alias("run-ended")]
    Task RunEndedAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Notes that a client remembers changes, before it does: in runs that start from then on all clients look for what they remember.</summary>
    /// <returns>Number of the last run that has started; what is recorded now is part of the runs after it.</returns>
    [Alias("note-recorded")]
    Task<int> NoteRecordedAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes the federation one whose clients keep their data themselves, unless it is one; durable when it returns.</summary>
    /// <param name="hasRatings">Whether interactions carry ratings; what came first holds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What holds; null for a federation that has runs on loaded data.</returns>
    [Alias("host")]
    Task<HostedFederation?> HostAsync(bool hasRatings, CancellationToken cancellationToken = default);

    /// <summary>Tells the federation what it simulates: the data that silos load in its runs from now on. A run that has started keeps the data that it started with.
    /// May be repeated.</summary>
    /// <param name="data">Where the data is and how it is dealt to clients.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What it simulates now; null for a federation whose clients keep their data themselves.</returns>
    /// <exception cref="ArgumentException">A value is out of range; the message says which and what is allowed. The data itself is read when a run starts.</exception>
    [Alias("simulate")]
    Task<DataSpec?> SimulateAsync(DataSpec data, CancellationToken cancellationToken = default);

    /// <summary>What the parties of the newest run say of their data: sizes, skew, staleness and drift, rounded.</summary>
    /// <returns>Null when there is no run, or when clients keep their data themselves.</returns>
    /// <exception cref="ArgumentException">The data of the run cannot be used any more.</exception>
    [Alias("data-report"), ResponseTimeout("01:00:00")]
    Task<DataReportAnswer?> GetDataReportAsync(CancellationToken cancellationToken = default);

    /// <summary>The federation and its runs, oldest first.</summary>
    [Alias("summary")]
    Task<FederationSummary> GetSummaryAsync(CancellationToken cancellationToken = default);
}

/// <summary>A federation at a glance.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Runs">Ids of its runs, oldest first.</param>
/// <param name="ActiveRun">The run in progress, or null. While the data of a run that is to start is being read it is not among <paramref name="Runs"/> yet.</param>
/// <param name="LastActive">When a run was last started; null for a federation that has none.</param>
/// <param name="HasRecorded">Whether any client remembers changes.</param>
[GenerateSerializer, Immutable, Alias("fedrec.federation-summary")]
public sealed record FederationSummary(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableArray<string> Runs,
    [property: Id(2)] string? ActiveRun,
    [property: Id(3)] DateTimeOffset? LastActive,
    [property: Id(4)] bool HasRecorded = false)
{
    /// <summary>What holds where clients keep their data themselves; null for a simulation, whose data the silos load. Default: null.</summary>
    [Id(5)] public HostedFederation? Hosted { get; init; }

    /// <summary>What it simulates, as it was told; null before that, and where clients keep their data themselves. Default: null.</summary>
    [Id(6)] public DataSpec? Simulates { get; init; }
}

/// <summary>A federation whose clients keep their data themselves.</summary>
/// <param name="HasRatings">Whether interactions carry ratings.</param>
/// <param name="LastRun">Number of the last run that has started; 0 before the first.</param>
[GenerateSerializer, Immutable, Alias("fedrec.hosted-federation")]
public sealed record HostedFederation(
    [property: Id(0)] bool HasRatings,
    [property: Id(1)] int LastRun);

/// <summary>All federations of the cluster; one grain with the key <c>all</c>.</summary>
[Alias("fedrec.federation-directory")]
public interface IFederationDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the only activation.</summary>
    const string Key = "all";

    /// <summary>Notes that a run starts in a federation, so that it is found again after a restart.</summary>
    [Alias("note-run")]
    Task NoteRunAsync(string federation, string runId, CancellationToken cancellationToken = default);

    /// <summary>Federations, the most recently active first. One whose first start was cut off has no runs.</summary>
    [Alias("list"), AlwaysInterleave]
    Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken = default);
}
