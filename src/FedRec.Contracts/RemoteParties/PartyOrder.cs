using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Contracts.RemoteParties;

/// <summary>What a party is asked to do: train for a round, or evaluate a model.</summary>
/// <remarks>All that training needs beside the party's data, the base parameters and the catalogue, so that every party of a round computes the same thing.</remarks>
[GenerateSerializer, Immutable, Alias("fedrec.party-order")]
public sealed record PartyOrder
{
    /// <summary>The evaluation that is asked for; null for training.</summary>
    [Id(0), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public PartyEvaluation? Evaluation { get; init; }

    /// <summary>The run, the round and the attempt; of an evaluation round and attempt say nothing.</summary>
    [Id(1)] public required PartyUpdateId Update { get; init; }

    /// <summary>The party's number as a client, by which its draws are made.</summary>
    [Id(2)] public required int Client { get; init; }

    /// <summary>The round of the run's last checkpoint, or 0; part of what is signed.</summary>
    [Id(3)] public required long BaseVersion { get; init; }

    /// <summary>Where the run stands with the parameters, as the learner says it.</summary>
    [Id(4)] public required string Phase { get; init; }

    /// <summary>SHA-256 of the base parameters, by which they are fetched.</summary>
    [Id(5)] public required string ModelSha256 { get; init; }

    /// <summary>SHA-256 of the version of the catalogue, by which it is fetched.</summary>
    [Id(6)] public required string CatalogueSha256 { get; init; }

    /// <summary>SHA-256 of request and source, which the party works out for itself too.</summary>
    [Id(7)] public required string ConfigSha256 { get; init; }

    /// <summary>How the run trains.</summary>
    [Id(8)] public required RunRequest Request { get; init; }

    /// <summary>What the run is about.</summary>
    [Id(9)] public required RunSource Source { get; init; }

    /// <summary>The step of secure aggregation that is asked for, where the run's updates are masked; otherwise null.</summary>
    [Id(10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public PartySecureStep? Secure { get; init; }
}

/// <summary>A step of secure aggregation that a party is asked for.</summary>
/// <param name="Step">The step.</param>
/// <param name="Session">Hash of all that server and clients have agreed on, 32 bytes.</param>
/// <param name="Message">What the server tells, as <c>FedRec.Core</c> writes it.</param>
/// <param name="Description">All that is agreed on, in the first step; otherwise empty.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-secure-step")]
public sealed record PartySecureStep(
    [property: Id(0)] SecureStep Step,
    [property: Id(1)] ReadOnlyMemory<byte> Session,
    [property: Id(2)] ReadOnlyMemory<byte> Message,
    [property: Id(3)] ReadOnlyMemory<byte> Description);

/// <summary>Names one training of a party.</summary>
/// <param name="Run">The run, such as <c>run-3</c>.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="Attempt">How often the party has been asked for it, from 1: it is again when what it sent was lost on the way.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-update-id")]
public sealed record PartyUpdateId(
    [property: Id(0)] string Run,
    [property: Id(1)] int Round,
    [property: Id(2)] int Attempt);

/// <summary>An evaluation that is asked for.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Cutoffs">Values of K.</param>
/// <param name="OnValidation">Rank the validation items instead of the test items.</param>
/// <param name="Sampled">Whether to rank each held-out item among sampled items too.</param>
/// <param name="Shared">Whether the model is taken as it is shared, although the run asks for personalisation.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-evaluation")]
public sealed record PartyEvaluation(
    [property: Id(0)] Guid Id,
    [property: Id(1)] ImmutableArray<int> Cutoffs,
    [property: Id(2)] bool OnValidation,
    [property: Id(3)] bool Sampled,
    [property: Id(4)] bool Shared);

/// <summary>Whether an update may be sent.</summary>
/// <param name="Upload">Names it while it comes in; empty when it may not.</param>
/// <param name="MostBytes">The largest that it may be; 0 when it is not asked for any more.</param>
/// <param name="Received">Bytes of it that have arrived.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-upload-answer")]
public sealed record PartyUploadAnswer(
    [property: Id(0)] Guid Upload,
    [property: Id(1)] long MostBytes,
    [property: Id(2)] long Received);

/// <summary>What became of an update that was sent.</summary>
/// <param name="Fault">What is wrong with it; null when <paramref name="Receipt"/> says what became of it.</param>
/// <param name="Receipt">The receipt; null with a fault.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-submission")]
public sealed record PartySubmission(
    [property: Id(0)] PartyUpdateFault? Fault,
    [property: Id(1)] PartyReceipt? Receipt);

/// <summary>Why an update was refused before its round saw it: nothing has changed.</summary>
[GenerateSerializer, Alias("fedrec.party-update-fault")]
public enum PartyUpdateFault
{
    /// <summary>It is not asked for: another round, run or attempt is, or none.</summary>
    NotAsked = 0,

    /// <summary>Blocks of it are missing.</summary>
    Incomplete = 1,

    /// <summary>The signature is not the party's over these bytes, this order, this model, this catalogue and this configuration.</summary>
    NotSigned = 2,

    /// <summary>Other bytes were sent for the same attempt before.</summary>
    OtherBytes = 3,

    /// <summary>It is no update of this layout.</summary>
    Unreadable = 4,

    /// <summary>The round could not be reached; to be sent again.</summary>
    NoAnswer = 5,
}

/// <summary>What became of an update.</summary>
/// <param name="Update">Which.</param>
/// <param name="PayloadSha256">SHA-256 of its bytes.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="At">When it was settled.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-receipt")]
public sealed record PartyReceipt(
    [property: Id(0)] PartyUpdateId Update,
    [property: Id(1)] string PayloadSha256,
    [property: Id(2)] PartyOutcome Outcome,
    [property: Id(3)] long Bytes,
    [property: Id(4)] DateTimeOffset At);

/// <summary>How an update was settled.</summary>
[GenerateSerializer, Alias("fedrec.party-outcome")]
public enum PartyOutcome
{
    /// <summary>It is on its way to its round, and it is not known yet.</summary>
    Offered = 0,

    /// <summary>The round has counted it, once.</summary>
    Counted = 1,

    /// <summary>The round had closed.</summary>
    Late = 2,

    /// <summary>It could not be added: a value that is not finite or too large, or a weight that is too small.</summary>
    Rejected = 3,

    /// <summary>The round did not want it any more: it trains from other parameters, or without the party.</summary>
    Stale = 4,
}
