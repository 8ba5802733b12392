using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Grains.Parties;
using Orleans.Placement;

namespace FedRec.Grains.Clients;

/// <summary>A client that keeps the data of many users. Reads what it remembers when that is needed, and keeps it no longer than its silo has room: <see cref="OpenHistories"/>.</summary>
[Immovable]
internal sealed class OrganisationGrain : Grain, IOrganisationGrain
{
    private readonly ClientServices _services;
    private readonly LazyState<SealedOrganisation> _saved;
    private int _lastAsked; // number of the last run that trained with what it remembers

    public OrganisationGrain(ClientServices services)
    {
        _services = services;
        _saved = new LazyState<SealedOrganisation>(SealedOrganisation.Name, this, services.Storage);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken) => _services.Placed.TryEnterAsync(this, GrainKeys.Federation(this.GetPrimaryKeyString()), Name);

    public async Task<bool> MayClaimAsync(bool forUsers, CancellationToken cancellationToken = default)
    {
        await _saved.ReadAsync(() => { });
        return IsUnclaimed || (_saved.State.IsOfUsers ?? false) == forUsers;
    }

    public async Task<bool> ClaimAsync(bool forUsers, CancellationToken cancellationToken = default)
    {
        await _saved.ReadAsync(() => { });
        if (IsUnclaimed)
        {
            await WriteAsync(head => Task.FromResult(head with { IsOfUsers = forUsers }));
        }

        return (_saved.State.IsOfUsers ?? false) == forUsers;
    }

    public async Task<RecordedAmount> RecordManyAsync(ImmutableArray<HistoryChange> changes, int lastRun, CancellationToken cancellationToken = default)
    {
        var (history, key) = await ReadAsync();
        var before = SizeClass.Of(history.Count);
        var added = history.AddNew(changes, Math.Max(lastRun, _lastAsked)); // a run may have begun and asked since that number was read
        if (added.Length > 0)
        {
            await WriteAsync(head => _services.Organisations.AppendAsync(this.GetGrainId(), head, added, key, Name));
        }

        return new RecordedAmount(added.Length, SizeClass.Of(history.Count), SizeClass.Of(history.Count) != before) { Users = history.Users };
    }

    public async Task<RecommendationAnswer> RecommendAsync(RecommendOrder order, int client, CancellationToken cancellationToken = default)
    {
        var run = await OwnScoring.RunOfAsync(_services, order, cancellationToken);
        var (history, _) = await ReadAsync();
        if (history.Out.ContainsKey(order.User))
        {
            return OwnScoring.Forgotten(order);
        }

        if (run.Hosted is not { } hosted || !history.Knows(order.User))
        {
            return new RecommendationAnswer(RecommendationOutcome.UnknownUser, order.Model.Version, []);
        }

        return await OwnScoring.AnswerAsync(_services, run, order, new PersonalModel(), client, hosted.All(history.EventsOf(order.User, run.Catalogue)).Train(), history.Count, cancellationToken);
    }

    public async Task<ErasedChanges?> ForgetAsync(string user, int lastRun, CancellationToken cancellationToken = default)
    {
        var (history, key) = await ReadAsync();
        if (!history.Knows(user) && !history.Out.ContainsKey(user))
        {
            return null;
        }

        var erased = history.Forget(user, Math.Max(lastRun, _lastAsked));
        await WriteAsync(head => Task.FromResult(head.With(history.Out, key, Name))); // first: from here on nothing of the user is read any more
        await EraseAsync(history, key); // after a crash in between, it is done when the history is next read
        return erased;
    }

    public async Task<int?> CountAsync(string user, CancellationToken cancellationToken = default) => (await ReadAsync()).History.CountOf(user);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _services.Open.Remove(this);
        _services.Placed.Leave(this);
        return Task.CompletedTask;
    }

    public async Task<bool> AskAsync(int run, CancellationToken cancellationToken = default)
    {
        _lastAsked = Math.Max(_lastAsked, run);
        await _saved.ReadAsync(() => { });
        return _saved.State.HoldsAny;
    }

    private bool IsUnclaimed => _saved.State is { IsOfUsers: null, HoldsAny: false };

    private string Name => GrainKeys.UserOf(this.GetPrimaryKeyString());

    private async Task<(OrganisationHistory History, UserKey Key)> ReadAsync()
    {
        var key = await _services.Keys.GetAsync(GrainKeys.Federation(this.GetPrimaryKeyString()));
        await _saved.ReadAsync(() => { });
        if (_services.Open.Find(this) is { } open)
        {
            return (open, key);
        }

        var history = await _services.Organisations.OpenAsync(this.GetGrainId(), _saved.State, key, Name);
        if (history.HoldsErased)
        {
            await EraseAsync(history, key);
        }

        _services.Open.Add(this, history);
        return (history, key);
    }

    private Task EraseAsync(OrganisationHistory history, UserKey key) => WriteAsync(head => _services.Organisations.EraseAsync(this.GetGrainId(), head, history.Out, key, Name));

    // Memory is ahead of storage until the head is written: after a failure the activation is dropped, and what it has open.
    private Task WriteAsync(Func<SealedOrganisation, Task<SealedOrganisation>> change) => GrainWrites.OrDeactivateAsync(this, async () =>
    {
        _saved.State = await change(_saved.State);
        await _saved.WriteAsync();
    });
}
