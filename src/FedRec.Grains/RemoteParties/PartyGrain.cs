using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
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
    private readonly LazyState<PartyState> _saved;
    private readonly PartyIdentity _identity;
    private readonly PartyAdmissions _admissions;
    private readonly PartyOrders _orders;
    private readonly PartyUploads _uploads = new();
    private readonly PartyVersion _version;
    private string? _heldModel;
    private Guid _refusedEvaluation; // the last one
    private long _turnedAway; // orders that came while it might not take part; with the next write

    public PartyGrain(RemoteServices services)
    {
        (_services, _admissions, _version) = (services, new PartyAdmissions(services.Time), new PartyVersion(services));
        _identity = new PartyIdentity(Federation, Id, services.Time);
        _saved = new LazyState<PartyState>(PartyState.Name, this, services.Storage);
        _orders = new PartyOrders(services, () => State.Training is { } training && State.ReceiptOf(training.Update) is null or { Outcome: PartyOutcome.Offered } ? State.Training : null);
    }

    private PartyState State => _saved.State;

    private ImmutableArray<PartyRefusal> Refusals => State.Refusals.IsDefault ? [] : State.Refusals; // stored before there were any

    private string Federation => GrainKeys.Federation(this.GetPrimaryKeyString());

    private string Id => GrainKeys.UserOf(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken) => _saved.ReadAsync(() => { });

    public Task<PartyRecord?> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(State.Invitation is null ? null : Record());

    public async Task<bool> InviteAsync(PartyInvitation invitation, CancellationToken cancellationToken = default)
    {
        if (State is { Standing: not (PartyStanding.Invited or PartyStanding.Pending) })
        {
            return false;
        }

        await WriteAsync(State with { Invitation = invitation, Standing = PartyStanding.Invited, PublicKey = default });
        return true;
    }

    public async Task<PartyJoinOutcome> JoinAsync(PartyJoin join, CancellationToken cancellationToken = default)
    {
        EndUnlessInvited();
        var (outcome, state) = _identity.Join(State, join);
        await WriteIfOtherAsync(state);
        return outcome;
    }

    public async Task<PartyRotationOutcome> RotateAsync(PartyRotation rotation, CancellationToken cancellationToken = default)
    {
        var (outcome, state) = _identity.Rotate(State, rotation);
        await WriteIfOtherAsync(state);
        return outcome;
    }

    public async Task ForgetAsync(CancellationToken cancellationToken = default)
    {
        await DropTrainingAsync(); // its round need not wait for it
        if (State.Client is { } client)
        {
            await GrainFactory.GetGrain<IRegistryGrain>(Federation).NoteSizesAsync([new ClientSize(client, 0) { Users = 0 }], CancellationToken.None);
        }

        await _saved.ClearAsync();
        _orders.End();
        DeactivateOnIdle(); // with what is in memory
    }

    public Task NoteMoveAsync(PartyMove move, CancellationToken cancellationToken = default) => State.Invitation is null ? Task.CompletedTask : WriteIfOtherAsync(State with { Moved = move });

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
        await WriteAsync(State with { Standing = standing, Client = client });
        if (standing == PartyStanding.Active)
        {
            await NoteSizeAsync();
        }
        else
        {
            await DropTrainingAsync(); // its round need not wait for it
        }

        return Record();
    }

    public Task<PartyCredential?> GetCredentialAsync(CancellationToken cancellationToken = default)
    {
        EndUnlessInvited();
        return Task.FromResult(State is { Invitation: { } invitation, PublicKey.IsEmpty: false } ? new PartyCredential(invitation.Server, State.PublicKey, _admissions.Nonce, _identity.EarlierKey(State), State.Moved) : null);
    }

    public Task<PartyAdmission> AdmitAsync(PartyToken token, CancellationToken cancellationToken = default) => Task.FromResult(_admissions.Use(token, State.Standing));

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

        await WriteIfOtherAsync(State with { Report = report });
        await NoteSizeAsync();
    }

    public Task<PartyOrder?> PollAsync(TimeSpan wait, CancellationToken cancellationToken = default) => _orders.WaitAsync(wait > s_longestWait ? s_longestWait : wait, cancellationToken);

    public async Task<ContentSlice?> ReadAsync(string sha256, long offset, int length, CancellationToken cancellationToken = default)
    {
        var (content, isModel) = await _orders.FindAsync(sha256) is { Content: not null } asked ? asked : _version.Find(sha256);
        var slice = content?.Slice(offset, length);
        if (isModel && slice is not null && offset + slice.Bytes.Length == slice.TotalBytes)
        {
            _heldModel = sha256;
            _version.Forget(); // or it would be kept in memory for each party
        }

        return slice;
    }

    public async Task<PartyOrder?> GetVersionInUseAsync(CancellationToken cancellationToken = default) =>
        await _version.NameAsync(Federation, await GrainFactory.GetGrain<IModelGrain>(Federation).GetSummaryAsync(cancellationToken), State.Client ?? 0);

    public async Task<PartyUploadAnswer> OpenUpdateAsync(PartyUpdateId update, long bytes, long from, CancellationToken cancellationToken = default) =>
        _uploads.Open(update, bytes, from, await MostBytesOfAsync(update));

    public async Task<PartyUploadAnswer> ReceivedAsync(PartyUpdateId update, CancellationToken cancellationToken = default) =>
        new(Guid.Empty, await MostBytesOfAsync(update), _uploads.ReceivedOf(update));

    public Task<bool> AddBlockAsync(Guid upload, long offset, ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default) =>
        Task.FromResult(_uploads.TryAdd(upload, offset, block.Span));

    public async Task<PartySubmission> SubmitAsync(Guid upload, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken = default)
    {
        if (_uploads.Take(upload) is not { } sent)
        {
            return new PartySubmission(PartyUpdateFault.Incomplete, null);
        }

        var sha256 = PartyStatements.Sha256(sent.Bytes);
        if (State.ReceiptOf(sent.Update) is { } before && (before.PayloadSha256 != sha256 || before.Outcome != PartyOutcome.Offered))
        {
            return before.PayloadSha256 == sha256 ? new PartySubmission(null, before) : new PartySubmission(PartyUpdateFault.OtherBytes, null);
        }

        if (State.Training?.Update != sent.Update || State.Standing != PartyStanding.Active || await _orders.TrainingAsync() is not { } asked)
        {
            return new PartySubmission(PartyUpdateFault.NotAsked, null);
        }

        if (!_identity.IsSigned(State, asked.Order, sha256, signature.Span))
        {
            return new PartySubmission(PartyUpdateFault.NotSigned, null);
        }

        PartialSum update;
        try
        {
            update = asked.Read(sent.Memory);
        }
        catch (InvalidDataException)
        {
            return new PartySubmission(PartyUpdateFault.Unreadable, null);
        }

        return await OfferAsync(asked, update, new PartyReceipt(sent.Update, sha256, PartyOutcome.Offered, sent.Bytes.Length, _services.Time.GetUtcNow()));
    }

    public async Task<bool> RefuseAsync(PartyUpdateId update, string reason, CancellationToken cancellationToken = default)
    {
        if (State.Training?.Update != update || State.ReceiptOf(update) is not null || await _orders.TrainingAsync() is not { } asked)
        {
            return Refusals.Any(noted => noted.Update == update); // again, for whoever has not heard the answer
        }

        var refusal = new PartyRefusal(update, PartyRefusal.Kept(reason), _services.Time.GetUtcNow());
        _services.LogRefused(asked.Training.Order.RunKey, update.Round, asked.Training.Client, refusal.Reason);
        await DropTrainingAsync(refusal);
        return true;
    }

    public async Task<bool> RefuseEvaluationAsync(Guid evaluation, string reason, CancellationToken cancellationToken = default)
    {
        if (_refusedEvaluation == evaluation || _orders.EvaluationOf(evaluation) is not { } asked)
        {
            return _refusedEvaluation == evaluation; // again, for whoever has not heard the answer
        }

        var (refusal, runKey) = (new PartyRefusal(asked.Update, PartyRefusal.Kept(reason), _services.Time.GetUtcNow()) { OfEvaluation = true }, GrainKeys.Run(Federation, asked.Update.Run));
        _services.LogRefused(runKey, asked.Update.Round, asked.Client, refusal.Reason);
        await WriteAsync(State with { Refused = State.Refused + 1, Runs = PartyRun.WithRefusal(State.Runs, asked.Update), Refusals = PartyRefusal.With(Refusals, refusal) });
        _refusedEvaluation = evaluation;
        await GrainFactory.GetGrain<IRunGrain>(runKey).NoteRefusalAsync(asked.Update.Round, State.Invitation!.Name, $"an evaluation: {refusal.Reason}"); // before it ends
        await _orders.EvaluatedAsync(evaluation, default);
        return true;
    }

    public Task<bool> EvaluatedAsync(Guid evaluation, ReadOnlyMemory<byte> sums, CancellationToken cancellationToken = default) => _orders.EvaluatedAsync(evaluation, sums);

    public async Task<TrainReceipt> TrainAsync(TrainOrder order, int client)
    {
        if (State.Standing != PartyStanding.Active)
        {
            _turnedAway++;
            await _services.DropAsync(order, client);
            return _services.Receipt;
        }

        var training = State.Next(order, client);
        if (training != State.Training)
        {
            await WriteAsync(State with { Training = training });
        }

        await _orders.AskAsync(training);
        return _services.Receipt;
    }

    public Task<SiloAddress> EvaluateAsync(EvaluateOrder order, int client) => _orders.EvaluateAsync(order, client, isThere: State.Standing == PartyStanding.Active && _orders.HasBeenAsked(_admissions.LastSeen));

    // Anybody can ask for anybody: what nobody was invited as does not stay in memory.
    private void EndUnlessInvited()
    {
        if (State.Invitation is null)
        {
            DeactivateOnIdle();
        }
    }

    private async Task<PartySubmission> OfferAsync(AskedTraining asked, PartialSum update, PartyReceipt offered)
    {
        await WriteAsync(State.With(offered));
        var outcome = await _services.OfferAsync(asked, update);
        if (outcome is null)
        {
            return new PartySubmission(PartyUpdateFault.NoAnswer, null);
        }

        var receipt = offered with { Outcome = outcome.Value, At = _services.Time.GetUtcNow() };
        await WriteAsync(State.With(receipt));
        return new PartySubmission(null, receipt);
    }

    private async Task DropTrainingAsync(PartyRefusal? refusal = null)
    {
        if (State.Training is not { } training)
        {
            return;
        }

        await WriteAsync(State with
        {
            Training = null,
            Refused = State.Refused + 1,
            Runs = PartyRun.WithRefusal(State.Runs, training.Update),
            Refusals = refusal is null ? Refusals : PartyRefusal.With(Refusals, refusal),
        });
        _orders.Forget();
        if (refusal is not null)
        {
            await GrainFactory.GetGrain<IRunGrain>(training.Order.RunKey).NoteRefusalAsync(training.Update.Round, State.Invitation!.Name, refusal.Reason); // before its round ends by it
        }

        await _services.DropAsync(training.Order, training.Client);
    }

    private Task NoteSizeAsync() => State is { Client: { } client, Report: { } report }
        ? GrainFactory.GetGrain<IRegistryGrain>(Federation).NoteSizesAsync([new ClientSize(client, report.SizeClass) { Users = report.Users }], CancellationToken.None)
        : Task.CompletedTask;

    private async Task<long> MostBytesOfAsync(PartyUpdateId update) =>
        State.ReceiptOf(update)?.Bytes ?? (State.Training?.Update == update && await _orders.TrainingAsync() is { } asked ? asked.MostBytes : 0);

    private Task WriteIfOtherAsync(PartyState state) => state == State ? Task.CompletedTask : WriteAsync(state);

    private async Task WriteAsync(PartyState state)
    {
        _saved.State = state with { LastSeen = _admissions.LastSeen ?? state.LastSeen, HeldModel = _heldModel ?? state.HeldModel, Refused = state.Refused + _turnedAway };
        _turnedAway = 0;
        try
        {
            await _saved.WriteAsync();
        }
        catch
        {
            _orders.End(); // the activation is dropped, but only after its last call
            throw;
        }
    }

    private PartyRecord Record() => new()
    {
        Id = Id,
        Name = State.Invitation!.Name,
        Standing = State.Standing,
        HasManyUsers = State.Invitation.HasManyUsers,
        Labels = State.Invitation.Labels,
        Fingerprint = State.PublicKey.IsEmpty ? "" : PartyFingerprint.Of(State.PublicKey.Span),
        Client = State.Client,
        LastSeen = _admissions.LastSeen ?? State.LastSeen,
        InvitedUntil = State.Invitation.Until,
        Users = State.Report?.Users ?? 0,
        Report = State.Report,
        HeldModel = _heldModel ?? State.HeldModel,
        Counted = State.Counted,
        Refused = State.Refused + _turnedAway,
        BytesUp = State.BytesUp,
        KeyChanged = State.KeyChanged,
        Receipts = State.Receipts,
        Runs = State.Runs.IsDefault ? [] : State.Runs,
        Refusals = Refusals,
    };
}
