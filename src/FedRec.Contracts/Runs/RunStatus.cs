using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Rounds;

namespace FedRec.Contracts.Runs;

/// <summary>Where a run stands.</summary>
[GenerateSerializer, Alias("fedrec.run-phase")]
public enum RunPhase
{
    /// <summary>Accepted, not yet training.</summary>
    Pending = 0,

    /// <summary>Training rounds.</summary>
    Running = 1,

    /// <summary>All rounds done, or stopped early on a plateau or at its target; see <see cref="RunStatus.StopReason"/>.</summary>
    Completed = 2,

    /// <summary>Stopped because somebody asked.</summary>
    Stopped = 3,

    /// <summary>Ended by an error; see <see cref="RunStatus.Reason"/>.</summary>
    Failed = 4,

    /// <summary>Its data is being read; it may still be refused, and nothing of it is stored.</summary>
    Loading = 5,
}

/// <summary>Why a run ended.</summary>
[GenerateSerializer, Alias("fedrec.run-stop-reason")]
public enum RunStopReason
{
    /// <summary>It has not ended, or ended before reasons were recorded.</summary>
    None = 0,

    /// <summary>All rounds are done.</summary>
    Rounds = 1,

    /// <summary>Validation NDCG@10 no longer rose.</summary>
    Plateau = 2,

    /// <summary>The target was reached.</summary>
    Target = 3,

    /// <summary>Somebody asked.</summary>
    Requested = 4,

    /// <summary>Several rounds in a row were abandoned without a quorum, or no round was committed at all.</summary>
    Quorum = 5,

    /// <summary>An error; see <see cref="RunStatus.Reason"/>.</summary>
    Error = 6,

    /// <summary>The model, or its clients' updates in the last rounds, were not finite or too large to be summed.</summary>
    Diverged = 7,

    /// <summary>There was nothing left to learn, such as counts that are complete; further rounds would have changed nothing.</summary>
    Complete = 8,

    /// <summary>Another round would have spent more of the clients' privacy than was allowed.</summary>
    PrivacySpent = 9,
}

/// <summary>A run as its watchers see it.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.run-status")]
public sealed record RunStatus
{
    /// <summary>Identity of the run within its federation, such as <c>run-3</c>.</summary>
    [Id(0)] public required string RunId { get; init; }

    /// <summary>What was asked for, with all defaults filled in.</summary>
    [Id(1)] public required RunRequest Request { get; init; }

    /// <summary>What the run is about, as it was when the run started.</summary>
    public RunSource Source
    {
        get => _source ?? Request?.LegacySource ?? new RunSource();
        init => _source = value;
    }

    [Id(22)] private readonly RunSource? _source;

    /// <summary>Where it stands.</summary>
    [Id(2)] public RunPhase Phase { get; init; }

    /// <summary>Why it ended, in words; null while it runs.</summary>
    [Id(3)] public string? Reason { get; init; }

    /// <summary>Closed rounds so far.</summary>
    [Id(4)] public int RoundsDone { get; init; }

    /// <summary>The version that the run published when it ended well: its best round by validation, else its last; 0 for none. Whether it was
    /// put in use says <see cref="Promotion"/>.</summary>
    [Id(5)] public long Version { get; init; }

    /// <summary>SHA-256 of that version's tensors; empty for none.</summary>
    [Id(6)] public string Sha256 { get; init; } = "";

    /// <summary>Clients of the federation.</summary>
    [Id(7)] public int Clients { get; init; }

    /// <summary>Users of the federation.</summary>
    [Id(8)] public int Users { get; init; }

    /// <summary>Items of the catalogue.</summary>
    [Id(9)] public int Items { get; init; }

    /// <summary>Training and held-out interactions of the federation; where clients keep their data themselves, at least so many (<see cref="HostedData.Interactions"/>).</summary>
    [Id(10)] public long Interactions { get; init; }

    /// <summary>How the data was split, in words.</summary>
    [Id(11)] public string Protocol { get; init; } = "";

    /// <summary>One record per closed round, oldest first.</summary>
    [Id(12)] public ImmutableArray<RoundRecord> Rounds { get; init; } = [];

    /// <summary>Evaluations so far, oldest first.</summary>
    [Id(13)] public ImmutableArray<EvaluationRecord> Evaluations { get; init; } = [];

    /// <summary>Seconds spent in rounds, from the plan to the server's step; without evaluation and without storing versions.</summary>
    [Id(14)] public double TrainSeconds { get; init; }

    /// <summary>When the run was accepted.</summary>
    [Id(15)] public DateTimeOffset StartedAt { get; init; }

    /// <summary>When the run ended; null while it runs.</summary>
    [Id(16)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Seconds spent storing checkpoints and the version.</summary>
    [Id(17)] public double PublishSeconds { get; init; }

    /// <summary>Why it ended, for programs.</summary>
    [Id(18)] public RunStopReason StopReason { get; init; }

    /// <summary>The round that the run would go on from after a crash; 0 for its beginning, and once it has ended.</summary>
    [Id(19)] public int CheckpointRound { get; init; }

    /// <summary>Whether the version was put in use, and why; null without a version.</summary>
    [Id(20)] public PromotionDecision? Promotion { get; init; }

    /// <summary>What was in doubt when the data was read, such as columns that are not used; a sentence each. It quotes the names of columns, so it is for those
    /// who may read the data.</summary>
    [Id(21)] public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>Answer to a request to start a run.</summary>
/// <param name="Outcome">Whether a run was started, taken up again, or refused because another one is active.</param>
/// <param name="RunId">The run that is now active.</param>
/// <param name="Message">For people: what happened and what to do next.</param>
/// <param name="DataPlace">The file and line to blame, empty when no file is, where the data cannot be used: then the message may quote it,
/// and is only for those who may read the data. Null for every other outcome.</param>
[GenerateSerializer, Immutable, Alias("fedrec.run-receipt")]
public sealed record RunReceipt(
    [property: Id(0)] RunOutcome Outcome,
    [property: Id(1)] string RunId,
    [property: Id(2)] string Message,
    [property: Id(3)] string? DataPlace = null);

/// <summary>What became of a request to start a run.</summary>
[GenerateSerializer, Alias("fedrec.run-outcome")]
public enum RunOutcome
{
    /// <summary>A new run was started.</summary>
    Started = 0,

    /// <summary>The same request was already active, perhaps from before a crash; it goes on.</summary>
    Resumed = 1,

    /// <summary>A different run is active; nothing was started.</summary>
    Busy = 2,

    /// <summary>The request itself is wrong; nothing was started.</summary>
    Invalid = 3,
}
