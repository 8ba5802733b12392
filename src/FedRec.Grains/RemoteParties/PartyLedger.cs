using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>What is stored of a party, and what is noted of it in memory until the next write.</summary>
/// <param name="grain">The twin, which is dropped after a failed write.</param>
/// <param name="services">What it is made with.</param>
/// <param name="lastSeen">When the party was last let in; null for not yet.</param>
/// <param name="end">Answers whoever waits at the twin: it ends only after its last call.</param>
internal sealed class PartyLedger(Grain grain, RemoteServices services, Func<DateTimeOffset?> lastSeen, Action end)
{
    private readonly LazyState<PartyState> _saved = new(PartyState.Name, grain, services.Storage);
    private string? _heldModel;
    private long _turnedAway; // orders that came while it might not take part
    private readonly List<PartyRejection> _rejected = [];

    /// <summary>As it was written last.</summary>
    public PartyState State => _saved.State;

    /// <summary>What it has signed, beside the state.</summary>
    public PartySignaturePages Signatures { get; } = new(name => new LazyState<PartySignaturePage>(name, grain, services.Storage));

    /// <summary>Reads what is stored, once.</summary>
    public Task ReadAsync() => _saved.ReadAsync(() => { });

    /// <summary>Notes which parameters the party has fetched.</summary>
    public void NoteHeld(string sha256) => _heldModel = sha256;

    /// <summary>Notes an order that came while the party might not take part.</summary>
    public void NoteTurnedAway() => _turnedAway++;

    /// <summary>Counts something that came in the party's name and was not taken. Nothing is written for it: anybody could have a disk written to so.</summary>
    public void NoteRejected(PartyRejectionReason reason)
    {
        var others = PartyRejection.With([], [.. _rejected, new PartyRejection(reason, 1, services.Time.GetUtcNow())]);
        _rejected.Clear();
        _rejected.AddRange(others);
    }

    /// <summary>Writes a state, unless it is the one that is there.</summary>
    public Task WriteIfOtherAsync(PartyState state) => state == State ? Task.CompletedTask : WriteAsync(state);

    /// <summary>Writes a state.</summary>
    public async Task WriteAsync(PartyState state)
    {
        _saved.State = state with { LastSeen = lastSeen() ?? state.LastSeen, HeldModel = _heldModel ?? state.HeldModel, Refused = state.Refused + _turnedAway, Rejections = PartyRejection.With(state.Rejections, _rejected) };
        _turnedAway = 0;
        _rejected.Clear();
        try
        {
            await _saved.WriteAsync();
        }
        catch
        {
            end();
            throw;
        }
    }

    /// <summary>Takes all that is stored away.</summary>
    public async Task ClearAsync()
    {
        await Signatures.ClearAsync(State);
        await _saved.ClearAsync();
    }

    /// <summary>The party as others are told of it; somebody must have been invited.</summary>
    public PartyRecord Record(string id) => new()
    {
        Id = id,
        Name = State.Invitation!.Name,
        Standing = State.Standing,
        HasManyUsers = State.Invitation.HasManyUsers,
        Labels = State.Invitation.Labels,
        Fingerprint = State.PublicKey.IsEmpty ? "" : PartyFingerprint.Of(State.PublicKey.Span),
        Client = State.Client,
        LastSeen = lastSeen() ?? State.LastSeen,
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
        Refusals = State.KeptRefusals,
        Rejections = PartyRejection.With(State.Rejections, _rejected),
    };
}
