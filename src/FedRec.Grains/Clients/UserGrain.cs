using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Data;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;
using Orleans.Placement;

namespace FedRec.Grains.Clients;

/// <summary>One user. Reads what it remembers once that is needed: most users of a simulation remember nothing.</summary>
[Immovable]
internal sealed class UserGrain : Grain, IUserGrain
{
    private readonly ClientServices _services;
    private readonly LazyState<SealedUserState> _saved;
    private readonly PersonalModel _personal = new();
    private (RunContext Run, int Changes, ClientData Data)? _own; // all that a user did who keeps it, as it was last asked for
    private UserState? _state; // as it is stored; null before it is needed
    private int _lastAsked; // number of the last run that trained with what this user remembers

    public UserGrain(ClientServices services)
    {
        _services = services;
        _saved = new LazyState<SealedUserState>(SealedUserState.Name, this, services.Storage);
    }

    public async Task<RecommendationAnswer> RecommendAsync(RecommendOrder order, CancellationToken cancellationToken = default)
    {
        var run = await OwnScoring.RunOfAsync(_services, order, cancellationToken);
        var state = order.HasRecorded || _state is not null || run.Hosted is not null ? await ReadAsync() : new UserState();
        if (state.Out is not null)
        {
            return OwnScoring.Forgotten(order);
        }

        if ((run.Hosted is { } hosted ? await FindAsync(run, hosted, state) : Find(run, order.User)) is not { } own)
        {
            return new RecommendationAnswer(RecommendationOutcome.UnknownUser, order.Model.Version, []);
        }

        var changes = state.Changes.Length;
        var data = changes == 0 || run.Hosted is not null ? own.Data : own.Data.After(state.AsOf(run.Catalogue.Items, run.UsesRatings, place: 0, int.MaxValue));
        return await OwnScoring.AnswerAsync(_services, run, order, _personal, own.Client, data, changes, cancellationToken);
    }

    public async Task<bool> RecordAsync(HistoryChange change, int lastRun, CancellationToken cancellationToken = default)
    {
        var state = await ReadAsync();
        if (state.Out is not null)
        {
            return false;
        }

        await WriteAsync(state.Add(change, Math.Max(lastRun, _lastAsked))); // a run may have begun and asked since that number was read
        return true;
    }

    public async Task<RecordedAmount?> RecordManyAsync(ImmutableArray<HistoryChange> changes, int lastRun, CancellationToken cancellationToken = default)
    {
        var state = await ReadAsync();
        if (state.Out is not null)
        {
            return null;
        }

        var (before, next) = (state.Changes.Length, state.AddNew(changes, Math.Max(lastRun, _lastAsked)));
        if (next.Changes.Length > before)
        {
            await WriteAsync(next);
        }

        return new RecordedAmount(next.Changes.Length - before, SizeClass.Of(next.Changes.Length), SizeClass.Of(next.Changes.Length) != SizeClass.Of(before));
    }

    public async Task<ErasedChanges> ForgetAsync(int lastRun, CancellationToken cancellationToken = default)
    {
        var state = await ReadAsync();
        if (state.Out is null)
        {
            await WriteAsync(state = state.Forget(Math.Max(lastRun, _lastAsked)));
        }

        if (state.Segments > 0) // after a crash in between it is done by whoever asks again
        {
            await _services.States.EraseAsync(this.GetGrainId(), state.Segments, await KeyAsync(), User);
            await WriteAsync(state = state with { Segments = 0 });
        }

        return state.Out!;
    }

    public async Task<int?> CountAsync(CancellationToken cancellationToken = default) => await ReadAsync() is { Out: null, Changes.Length: var count } ? count : null;

    public async Task<bool> AskAsync(int run, CancellationToken cancellationToken = default)
    {
        _lastAsked = Math.Max(_lastAsked, run);
        return !(await ReadAsync()).IsEmpty;
    }

    private string User => GrainKeys.UserOf(this.GetPrimaryKeyString());

    // All that the user did, of a user who keeps it.
    private async ValueTask<(int Client, ClientData Data)?> FindAsync(RunContext run, HostedParties hosted, UserState state) =>
        state.Changes.IsEmpty ? null : (run.Personal.IsOn ? await hosted.NumberOfAsync(User) : 0, All(run, hosted, state));

    private ClientData All(RunContext run, HostedParties hosted, UserState state)
    {
        if (_own is not { } own || !ReferenceEquals(own.Run, run) || own.Changes != state.Changes.Length)
        {
            _own = own = (run, state.Changes.Length, hosted.All(state.EventsAsOf(run.Catalogue, int.MaxValue)).Train());
        }

        return own.Data;
    }

    // Whose data of the simulation the user's is, and that data.
    private static (int Client, ClientData Data)? Find(RunContext run, string id) =>
        run.Simulated is { Dataset: var data, Partition: var partition } && data.Users.TryGet(id, out var user)
            ? (partition.Find(user).Client, new ClientData(data.Train, new[] { user }, data.Items.Count))
            : null;

    private async Task<UserState> ReadAsync()
    {
        var key = await KeyAsync();
        await _saved.ReadAsync(() => { });
        return _state ??= await _services.States.OpenAsync(this.GetGrainId(), _saved.State, key, User);
    }

    private async Task WriteAsync(UserState next)
    {
        var key = await KeyAsync();
        if (next.Out is null)
        {
            next = await _services.States.StoreFullAsync(this.GetGrainId(), next, key, User);
        }

        _saved.State = SealedUserState.Of(next, key, User);
        _state = next;
        await _saved.WriteAsync();
    }

    private ValueTask<UserKey> KeyAsync() => _services.Keys.GetAsync(GrainKeys.Federation(this.GetPrimaryKeyString()));
}
