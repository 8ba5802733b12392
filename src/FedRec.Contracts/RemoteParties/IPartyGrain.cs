using FedRec.Contracts.Models;
using FedRec.Contracts.Rounds;
using Orleans.Concurrency;

namespace FedRec.Contracts.RemoteParties;

/// <summary>The twin of a party that keeps its data in a process of its own: who it is, what it was asked, what it has answered. The key is <c>federation/party</c>, with the party's id.</summary>
/// <remarks>To a round it is a client like any other. No method returns or takes interactions: those never leave the party's process.</remarks>
[Alias("fedrec.party")]
public interface IPartyGrain : IGrainWithStringKey
{
    /// <summary>The party as it is now; null when nobody was invited under this id.</summary>
    [Alias("get"), AlwaysInterleave]
    Task<PartyRecord?> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>What the party has signed for a run, as far as its round has counted it or that is not known.</summary>
    /// <param name="run">The run, such as <c>run-3</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when nobody was invited under this id.</returns>
    [Alias("signatures"), AlwaysInterleave]
    Task<PartySignatures?> GetSignaturesAsync(string run, CancellationToken cancellationToken = default);

    /// <summary>Invites the party, or again one that has not been approved yet: an earlier invitation is void. Durable when it returns.</summary>
    /// <param name="invitation">Name, labels, and by what it is known that somebody has the invitation.</param>
    /// <param name="cancellationToken">Ends the wait; the party may have been invited.</param>
    /// <returns>False for a party that has been approved or removed; nothing has changed.</returns>
    [Alias("invite")]
    Task<bool> InviteAsync(PartyInvitation invitation, CancellationToken cancellationToken = default);

    /// <summary>Takes the public key of whoever has the invitation and the private key. The party is pending then. May be repeated with the same key; durable when it returns.</summary>
    /// <returns>What became of it; only <see cref="PartyJoinOutcome.Pending"/> changes anything.</returns>
    [Alias("join")]
    Task<PartyJoinOutcome> JoinAsync(PartyJoin join, CancellationToken cancellationToken = default);

    /// <summary>Sets what the party may do. Durable when it returns; may be repeated.</summary>
    /// <param name="standing">Not <see cref="PartyStanding.Invited"/> or <see cref="PartyStanding.Pending"/>.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been set.</param>
    /// <returns>The party as it is now.</returns>
    /// <exception cref="ArgumentException">The party cannot get there: nobody has joined as it yet, or it was removed.</exception>
    [Alias("set-standing")]
    Task<PartyRecord> SetStandingAsync(PartyStanding standing, CancellationToken cancellationToken = default);

    /// <summary>Puts another key in the place of the party's. The one before is good for <see cref="PartyLimits.KeyOverlap"/> more, for what is on its way. May be repeated; durable when it returns.</summary>
    /// <returns>What became of it; only <see cref="PartyRotationOutcome.Rotated"/> changes anything.</returns>
    [Alias("rotate")]
    Task<PartyRotationOutcome> RotateAsync(PartyRotation rotation, CancellationToken cancellationToken = default);

    /// <summary>Forgets all that is kept of the party, its key and its receipts too. What it has added to models stays in them. Durable when it returns; may be repeated.</summary>
    [Alias("forget")]
    Task ForgetAsync(CancellationToken cancellationToken = default);

    /// <summary>Keeps a notice that the coordinator is elsewhere, for the party's next request. Durable when it returns.</summary>
    [Alias("note-move")]
    Task NoteMoveAsync(PartyMove move, CancellationToken cancellationToken = default);

    /// <summary>By what a request of the party is known; null when nobody has joined.</summary>
    [Alias("credential"), AlwaysInterleave]
    Task<PartyCredential?> GetCredentialAsync(CancellationToken cancellationToken = default);

    /// <summary>Uses a token, whose signature was checked, up.</summary>
    /// <param name="token">What it says.</param>
    /// <param name="cancellationToken">Ends the wait; the token may have been used up.</param>
    [Alias("admit"), AlwaysInterleave]
    Task<PartyAdmission> AdmitAsync(PartyToken token, CancellationToken cancellationToken = default);

    /// <summary>Notes how much the party holds, before a run weighs it by that. Durable when it returns.</summary>
    /// <exception cref="ArgumentException">A number cannot be.</exception>
    [Alias("report")]
    Task ReportAsync(PartyReport report, CancellationToken cancellationToken = default);

    /// <summary>Counts a request in the party's name that was turned away before it reached its twin.</summary>
    [Alias("note-rejection"), AlwaysInterleave]
    Task NoteRejectionAsync(PartyRejectionReason reason, CancellationToken cancellationToken = default);

    /// <summary>What the party is to do next; null when there is nothing after the wait.</summary>
    /// <param name="wait">At most 10 s; whoever wants to wait longer asks again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("poll"), AlwaysInterleave]
    Task<PartyOrder?> PollAsync(TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Part of what an order of the party names by its SHA-256: base parameters (little-endian float32) or the catalogue (JSON).</summary>
    /// <param name="sha256">Which.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">Most bytes wanted; 0 for only the length of all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when no order that the party has now names it.</returns>
    [Alias("read"), AlwaysInterleave, ResponseTimeout("00:02:00")]
    Task<ContentSlice?> ReadAsync(string sha256, long offset, int length, CancellationToken cancellationToken = default);

    /// <summary>Names the version in use the way an order names a model, for the party's own users: its number is the base version. Nothing is asked with it; what it names can be read then.</summary>
    /// <returns>Null when no version is in use, or its run is not there any more.</returns>
    [Alias("version-in-use"), AlwaysInterleave, ResponseTimeout("00:02:00")]
    Task<PartyOrder?> GetVersionInUseAsync(CancellationToken cancellationToken = default);

    /// <summary>Begins an update that comes in blocks, or goes on with one that was cut off; any other that did not end is dropped.</summary>
    /// <param name="update">Which, as ordered.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="from">Where the blocks begin: 0, or what <see cref="PartyUploadAnswer.Received"/> says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the update is waited for, may have that length, and goes on there.</returns>
    [Alias("open-update")]
    Task<PartyUploadAnswer> OpenUpdateAsync(PartyUpdateId update, long bytes, long from, CancellationToken cancellationToken = default);

    /// <summary>How much of an update has arrived; changes nothing.</summary>
    [Alias("received"), AlwaysInterleave]
    Task<PartyUploadAnswer> ReceivedAsync(PartyUpdateId update, CancellationToken cancellationToken = default);

    /// <summary>Adds a block to the update that was begun last.</summary>
    /// <returns>False when that is another one, or the block does not follow the one before.</returns>
    [Alias("add-block")]
    Task<bool> AddBlockAsync(Guid upload, long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default);

    /// <summary>Checks the update that was begun last, and offers it to its round. The same update again gets the same receipt.</summary>
    /// <param name="upload">As begun.</param>
    /// <param name="signature">By the party's key, over <see cref="PartyStatements.OfUpdate(string, string, string, PartyOrder, string)"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the update may have been counted.</param>
    [Alias("submit"), ResponseTimeout("00:02:00")]
    Task<PartySubmission> SubmitAsync(Guid upload, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken = default);

    /// <summary>Takes the answer to a step of secure aggregation, and passes it on to the round.</summary>
    /// <param name="update">Which training, as ordered.</param>
    /// <param name="asked">The step, as ordered; not that in which the update is masked, which is sent like any other.</param>
    /// <param name="message">As the party has signed it.</param>
    /// <param name="cancellationToken">Ends the wait; the round may have been told.</param>
    /// <returns>False when that is not asked any more.</returns>
    [Alias("answer"), ResponseTimeout("00:02:00")]
    Task<bool> AnswerAsync(PartyUpdateId update, SecureStep asked, ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default);

    /// <summary>Notes that the party will not do what it was asked: the round need not wait for it.</summary>
    /// <param name="update">Which training, as ordered.</param>
    /// <param name="reason">Why, in words; kept as <see cref="PartyRefusal.Kept"/> says.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been noted.</param>
    /// <returns>False when that is not asked any more; true again for one that is noted.</returns>
    [Alias("refuse")]
    Task<bool> RefuseAsync(PartyUpdateId update, string reason, CancellationToken cancellationToken = default);

    /// <summary>Notes that the party will not evaluate: the evaluation goes on without it.</summary>
    /// <param name="evaluation">As ordered.</param>
    /// <param name="reason">Why, as for <see cref="RefuseAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been noted.</param>
    /// <returns>False when that is not asked any more; true again for the one that was noted last.</returns>
    [Alias("refuse-evaluation")]
    Task<bool> RefuseEvaluationAsync(Guid evaluation, string reason, CancellationToken cancellationToken = default);

    /// <summary>Takes the sums of an evaluation.</summary>
    /// <param name="evaluation">As ordered.</param>
    /// <param name="sums">As the learner library writes them; empty where the party sends none.</param>
    /// <param name="cancellationToken">Ends the wait; the sums may have been added.</param>
    /// <returns>False when that is not asked any more.</returns>
    /// <exception cref="ArgumentException">They are sums of something else.</exception>
    [Alias("evaluated"), AlwaysInterleave]
    Task<bool> EvaluatedAsync(Guid evaluation, ReadOnlyMemory<byte> sums, CancellationToken cancellationToken = default);
}

/// <summary>What a party may do.</summary>
[GenerateSerializer, Alias("fedrec.party-standing")]
public enum PartyStanding
{
    /// <summary>It was invited, and nobody has joined as it.</summary>
    Invited = 0,

    /// <summary>It has joined, and waits until its fingerprint was compared.</summary>
    Pending = 1,

    /// <summary>It takes part.</summary>
    Active = 2,

    /// <summary>It is let alone for the time being.</summary>
    Suspended = 3,

    /// <summary>It is out for good.</summary>
    Removed = 4,
}

/// <summary>What the coordinator knows of a party.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.party-record")]
public sealed record PartyRecord
{
    /// <summary>Its id: a keyed hash of its name.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>What it was invited as.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>What it may do.</summary>
    [Id(2)] public required PartyStanding Standing { get; init; }

    /// <summary>Whether it keeps the data of many users, or is one.</summary>
    [Id(3)] public bool HasManyUsers { get; init; } = true;

    /// <summary>What it is labelled with, such as <c>region=eu</c>, separated by commas; empty for nothing.</summary>
    [Id(4)] public string Labels { get; init; } = "";

    /// <summary>Fingerprint of its public key in words; empty before it has joined.</summary>
    [Id(5)] public string Fingerprint { get; init; } = "";

    /// <summary>Number as a client; null before it was approved.</summary>
    [Id(6)] public int? Client { get; init; }

    /// <summary>When it was last heard of; null for never.</summary>
    [Id(7)] public DateTimeOffset? LastSeen { get; init; }

    /// <summary>When its invitation ends.</summary>
    [Id(8)] public DateTimeOffset InvitedUntil { get; init; }

    /// <summary>Users that it has said it has.</summary>
    [Id(9)] public int Users { get; init; }

    /// <summary>What it has said of its data; null before it has.</summary>
    [Id(17)] public PartyReport? Report { get; init; }

    /// <summary>SHA-256 of the parameters that it fetched last; empty for none.</summary>
    [Id(10)] public string HeldModel { get; init; } = "";

    /// <summary>Updates of it that rounds have counted.</summary>
    [Id(11)] public long Counted { get; init; }

    /// <summary>Orders that it has refused, updates that could not be counted, and orders that came while it might not take part.</summary>
    [Id(12)] public long Refused { get; init; }

    /// <summary>Bytes of the updates that it has sent.</summary>
    [Id(13)] public long BytesUp { get; init; }

    /// <summary>When its key was changed last; null for never.</summary>
    [Id(15)] public DateTimeOffset? KeyChanged { get; init; }

    /// <summary>What came in its name and was not taken, by reason: of what it never hears of too, such as forged tokens.</summary>
    [Id(18)] public System.Collections.Immutable.ImmutableArray<PartyRejection> Rejections { get; init; } = [];

    /// <summary>Why it would not do what it was asked, the last times; the newest last, at most <see cref="PartyRefusal.Most"/>.</summary>
    [Id(16)] public System.Collections.Immutable.ImmutableArray<PartyRefusal> Refusals { get; init; } = [];

    /// <summary>What it has done for its last runs, the newest last.</summary>
    [Id(30)] public System.Collections.Immutable.ImmutableArray<PartyRun> Runs { get; init; } = [];

    /// <summary>What became of its last updates, the newest last.</summary>
    [Id(14)] public System.Collections.Immutable.ImmutableArray<PartyReceipt> Receipts { get; init; } = [];
}
