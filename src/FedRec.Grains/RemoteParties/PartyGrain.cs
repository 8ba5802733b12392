using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.Training;
using Orleans.Placement;

namespace FedRec.Grains.RemoteParties;

/// <summary>The twin of a party: keeps who it is and what it was asked, over restarts, and hands what it sends to its round.</summary>
/// <remarks>Whatever waits for the party (<see cref="PollAsync"/>, <see cref="EvaluateAsync"/>) and whatever only reads interleaves; everything that changes what is stored comes one after
/// the other. An update is noted as offered, with its hash, before its round sees it: whatever crashes then, other bytes are not taken for the same attempt, and a round counts no client twice.</remarks>
[Immovable]
internal sealed class PartyGrain : Grain, IPartyGrain, IPartyTwin
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);
    private readonly RemoteServices _services;
    private readonly PartyLedger _ledger;
    private readonly PartyIdentity _identity;
    private readonly PartyAdmissions _admissions;
    private readonly PartyOrders _orders;
    private readonly PartyUploads _uploads = new();
    private readonly PartyVersion _version;
    private readonly PartySettlement _settlement;

    public PartyGrain(RemoteServices services)
    {
        (_services, _admissions, _version) = (services, new PartyAdmissions(services.Time), new PartyVersion(services));
        _identity = new PartyIdentity(Federation, Id, services.Time);
        _ledger = new PartyLedger(this, services, () => _admissions.LastSeen, () => _orders!.End());
        _orders = new PartyOrders(services, call => this.AsReference<IPartyTwin>().SecureAsync(call), () => State.Training is { } training && State.ReceiptOf(training.Update) is null or { Outcome: PartyOutcome.Offered } ? State.Training : null);
        _settlement = new PartySettlement(_ledger, _orders, _identity, services, Federation, runKey => GrainFactory.GetGrain<IRunGrain>(runKey));
    }

    private PartyState State => _ledger.State;

    private string Federation => GrainKeys.Federation(this.GetPrimaryKeyString());

    private string Id => GrainKeys.UserOf(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken) => _ledger.ReadAsync();

    public Task<PartyRecord?> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(State.Invitation is null ? null : _ledger.Record(Id));

    public async Task<PartySignatures?> GetSignaturesAsync(string run, CancellationToken cancellationToken = default) =>
        State is { Invitation: { } invitation } state ? new PartySignatures(invitation.Server, await _ledger.Signatures.ReadAsync(state, run)) : null;

    public async Task<bool> InviteAsync(PartyInvitation invitation, CancellationToken cancellationToken = default)
    {
        if (State is { Standing: not (PartyStanding.Invited or PartyStanding.Pending) })
        {
            return false;
        }

        await _ledger.WriteAsync(State with { Invitation = invitation, Standing = PartyStanding.Invited, PublicKey = default });
        return true;
    }

    public async Task<PartyJoinOutcome> JoinAsync(PartyJoin join, CancellationToken cancellationToken = default)
    {
        EndUnlessInvited();
        var (outcome, state) = _identity.Join(State, join);
        await _ledger.WriteIfOtherAsync(state);
        return outcome;
    }

    public async Task<PartyRotationOutcome> RotateAsync(PartyRotation rotation, CancellationToken cancellationToken = default)
    {
        var (outcome, state) = _identity.Rotate(State, rotation);
        await _ledger.WriteIfOtherAsync(state);
        return outcome;
    }

    public async Task ForgetAsync(CancellationToken cancellationToken = default)
    {
        await _settlement.DropTrainingAsync(); // its round need not wait for it
        if (State.Client is { } client)
        {
            await GrainFactory.GetGrain<IRegistryGrain>(Federation).NoteSizesAsync([new ClientSize(client, 0) { Users = 0 }], CancellationToken.None);
        }

        await _ledger.ClearAsync();
        _orders.End();
        DeactivateOnIdle(); // with what is in memory
    }

    public Task NoteMoveAsync(PartyMove move, CancellationToken cancellationToken = default) => State.Invitation is null ? Task.CompletedTask : _ledger.WriteIfOtherAsync(State with { Moved = move });

    public async Task<PartyRecord> SetStandingAsync(PartyStanding standing, CancellationToken cancellationToken = default)
    {
        var isPossible = (State.Standing, standing) switch
        {
            (PartyStanding.Removed, not PartyStanding.Removed) => false,
            (PartyStanding.Invited, PartyStanding.Active) => false,
            (PartyStanding.Invited or PartyStanding.Pending, PartyStanding.Suspended) => false,
            (_, PartyStanding.Invited or PartyStanding.Pending) => false,
            _ => State.Invitation is not null,
        };
        if (!isPossible)
        {
            throw new ArgumentException($"Party '{State.Invitation?.Name}' is {State.Standing.ToString().ToLowerInvariant()}, so that it cannot become {standing.ToString().ToLowerInvariant()}. "
                + (State.Standing == PartyStanding.Removed ? "Invite it by another name." : "It has to join and to be approved first."));
        }

        var client = State.Client ?? (standing == PartyStanding.Active ? await _services.Registries.NumberOfAsync(Federation, Id) : null);
        await _ledger.WriteAsync(State with { Standing = standing, Client = client });
        if (standing == PartyStanding.Active)
        {
            await NoteSizeAsync();
        }
        else
        {
            await _settlement.DropTrainingAsync(); // its round need not wait for it
        }

        return _ledger.Record(Id);
    }

    public Task<PartyCredential?> GetCredentialAsync(CancellationToken cancellationToken = default)
    {
        EndUnlessInvited();
        return Task.FromResult(Credential());
    }

    public Task<PartyAdmission> AdmitAsync(PartyToken token, CancellationToken cancellationToken = default)
    {
        var admission = _admissions.Use(token, Credential()?.Nonce, State.Standing);
        if (admission is PartyAdmission.Replayed or PartyAdmission.Suspended or PartyAdmission.Removed)
        {
            _ledger.NoteRejected(admission == PartyAdmission.Replayed ? PartyRejectionReason.TokenAgain : PartyRejectionReason.Standing);
        }

        return Task.FromResult(admission);
    }

    public Task NoteRejectionAsync(PartyRejectionReason reason, CancellationToken cancellationToken = default)
    {
        EndUnlessInvited();
        _ledger.NoteRejected(reason);
        return Task.CompletedTask;
    }

    public async Task ReportAsync(PartyReport report, CancellationToken cancellationToken = default)
    {
        if (report.Users < 0 || report.SizeClass > 31)
        {
            throw new ArgumentException($"The party reports {report.Users} users and size class {report.SizeClass}; it must be 0 or more users and a size class of 0 to 31.");
        }

        if (report.MatchedItems is < 0 or > PartyReport.MostItems || report.UnmatchedItems is < 0 or > PartyReport.MostItems)
        {
            throw new ArgumentException($"The party reports {report.MatchedItems} matched and {report.UnmatchedItems} unmatched items; each must be 0 to {PartyReport.MostItems}, or left out.");
        }

        if (report.ReadAt is { } at && (at < DateTimeOffset.UnixEpoch || at > _services.Time.GetUtcNow() + PartyReport.MostAhead))
        {
            throw new ArgumentException($"The party reports that it read its data at {at:u}; that must be since 1970, and at most {PartyReport.MostAhead.TotalHours} hours ahead of the coordinator's clock, or left out.");
        }

        await _ledger.WriteIfOtherAsync(State with { Report = report });
        await NoteSizeAsync();
    }

    public Task<PartyOrder?> PollAsync(TimeSpan wait, CancellationToken cancellationToken = default) => _orders.WaitAsync(wait > s_longestWait ? s_longestWait : wait, cancellationToken);

    public async Task<ContentSlice?> ReadAsync(string sha256, long offset, int length, CancellationToken cancellationToken = default)
    {
        var (content, isModel) = await _orders.FindAsync(sha256) is { Content: not null } asked ? asked : _version.Find(sha256);
        var slice = content?.Slice(offset, length);
        if (isModel && slice is not null && offset + slice.Bytes.Length == slice.TotalBytes)
        {
            _ledger.NoteHeld(sha256);
            _version.Forget(); // or it would be kept in memory for each party
        }

        return slice;
    }

    public async Task<PartyOrder?> GetVersionInUseAsync(CancellationToken cancellationToken = default) =>
        await _version.NameAsync(Federation, await GrainFactory.GetGrain<IModelGrain>(Federation).GetSummaryAsync(cancellationToken), State.Client ?? 0);

    public async Task<PartyUploadAnswer> OpenUpdateAsync(PartyUpdateId update, long bytes, long from, CancellationToken cancellationToken = default)
    {
        var most = await _settlement.MostBytesOfAsync(update);
        Count(most == 0 ? PartyUpdateFault.NotAsked : null);
        return _uploads.Open(update, bytes, from, most);
    }

    public async Task<PartyUploadAnswer> ReceivedAsync(PartyUpdateId update, CancellationToken cancellationToken = default) =>
        new(Guid.Empty, await _settlement.MostBytesOfAsync(update), _uploads.ReceivedOf(update));

    public Task<bool> AddBlockAsync(Guid upload, long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default) =>
        Task.FromResult(_uploads.TryAdd(upload, offset, block.Span));

    public async Task<PartySubmission> SubmitAsync(Guid upload, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken = default)
    {
        if (_uploads.Take(upload) is not { } sent)
        {
            return new PartySubmission(PartyUpdateFault.Incomplete, null);
        }

        var submission = await _settlement.SubmitAsync(sent, signature);
        Count(submission.Fault);
        return submission;
    }

    public Task<bool> AnswerAsync(PartyUpdateId update, SecureStep asked, ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) => _orders.AnswerAsync(update, asked, message);

    public Task SecureAsync(SecureCall call)
    {
        _orders.Tell(call);
        return Task.CompletedTask;
    }

    public Task<bool> RefuseAsync(PartyUpdateId update, string reason, CancellationToken cancellationToken = default) => _settlement.RefuseAsync(update, reason);

    public Task<bool> RefuseEvaluationAsync(Guid evaluation, string reason, CancellationToken cancellationToken = default) => _settlement.RefuseEvaluationAsync(evaluation, reason);

    public async Task<bool> EvaluatedAsync(Guid evaluation, ReadOnlyMemory<byte> sums, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _orders.EvaluatedAsync(evaluation, sums, State.Report?.Users ?? 0);
        }
        catch (ArgumentException)
        {
            _ledger.NoteRejected(PartyRejectionReason.Sums);
            throw;
        }
    }

    public Task<TrainReceipt> TrainAsync(TrainOrder order, int client) => _settlement.TrainAsync(order, client);

    public Task<SiloAddress> EvaluateAsync(EvaluateOrder order, int client) => _orders.EvaluateAsync(order, client, isThere: State.Standing == PartyStanding.Active && _orders.HasBeenAsked(_admissions.LastSeen));

    private PartyCredential? Credential()
    {
        if (State is not { Invitation: { } invitation, PublicKey.IsEmpty: false })
        {
            return null;
        }

        var credential = new PartyCredential(invitation.Server, State.PublicKey, "", _identity.EarlierKey(State), State.Moved);
        return credential with { Nonce = _admissions.NonceOf(credential) };
    }

    private void Count(PartyUpdateFault? fault)
    {
        PartyRejectionReason? reason = fault switch
        {
            PartyUpdateFault.NotAsked => PartyRejectionReason.NotAsked,
            PartyUpdateFault.NotSigned => PartyRejectionReason.Signature,
            PartyUpdateFault.OtherBytes => PartyRejectionReason.OtherBytes,
            PartyUpdateFault.Unreadable => PartyRejectionReason.Unreadable,
            _ => null, // it is sent again
        };
        if (reason is { } counted)
        {
            _ledger.NoteRejected(counted);
        }
    }

    // Anybody can ask for anybody: what nobody was invited as does not stay in memory.
    private void EndUnlessInvited()
    {
        if (State.Invitation is null)
        {
            DeactivateOnIdle();
        }
    }

    private Task NoteSizeAsync() => State is { Client: { } client, Report: { } report }
        ? GrainFactory.GetGrain<IRegistryGrain>(Federation).NoteSizesAsync([new ClientSize(client, report.SizeClass) { Users = report.Users }], CancellationToken.None)
        : Task.CompletedTask;
}
