using System.Collections.Immutable;
using System.Text.Json;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Parties;

namespace FedRec.Grains.Parties;

/// <summary>What a user did after the data was loaded, as it is stored; it never leaves the user's grain, and the client that trains on it.</summary>
[GenerateSerializer, Alias("fedrec.state.user")]
internal sealed record SealedUserState
{
    /// <summary>Name of the stored state.</summary>
    public const string Name = "user";

    /// <summary>What was recorded after the full segments, sealed; empty when there is nothing.</summary>
    [Id(0)] public ReadOnlyMemory<byte> Changes { get; init; }

    /// <summary>That the user is out; null for everybody else.</summary>
    [Id(1)] public ErasedChanges? Out { get; init; }

    /// <summary>Full segments that are stored beside it; of a user who is out, those that are still to be erased.</summary>
    [Id(2)] public int Segments { get; init; }

    /// <summary>Seals a state.</summary>
    public static SealedUserState Of(UserState state, UserKey key, string user) => new()
    {
        Changes = Seal(state.Tail, key, user),
        Out = state.Out,
        Segments = state.Segments,
    };

    /// <summary>Seals changes.</summary>
    public static ReadOnlyMemory<byte> Seal(ImmutableArray<RecordedChange> changes, UserKey key, string user) =>
        changes.IsEmpty ? default : key.Seal(user, JsonSerializer.SerializeToUtf8Bytes(changes));

    /// <summary>Opens changes.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored bytes were changed.</exception>
    public static ImmutableArray<RecordedChange> Open(ReadOnlyMemory<byte> changes, UserKey key, string user) =>
        changes.IsEmpty ? [] : JsonSerializer.Deserialize<ImmutableArray<RecordedChange>>(key.Open(user, changes.Span));
}

/// <summary>What a user did after the data was loaded.</summary>
internal sealed record UserState
{
    /// <summary>What was recorded, in order; nothing of who it is of.</summary>
    public ImmutableArray<RecordedChange> Changes { get; init; } = [];

    /// <summary>That the user is out; null for everybody else.</summary>
    public ErasedChanges? Out { get; init; }

    /// <summary>Full segments of <see cref="UserStates.SegmentSize"/> changes that are stored apart, so that a change costs its own bytes and not the history's.</summary>
    public int Segments { get; init; }

    /// <summary>What came after the full segments.</summary>
    public ImmutableArray<RecordedChange> Tail => Changes[Math.Min(Segments * UserStates.SegmentSize, Changes.Length)..];

    /// <summary>Whether anything is remembered.</summary>
    public bool IsEmpty => Changes.IsEmpty && Out is null;

    /// <summary>The state after these changes of one user, the earliest first.</summary>
    public static UserState Of(ImmutableArray<RecordedChange> changes)
    {
        var anonymous = new UserState { Changes = [.. changes.Select(recorded => recorded with { Change = recorded.Change with { User = "" } })] };
        return changes[^1].Change.Kind == HistoryChangeKind.Forgotten ? (anonymous with { Changes = anonymous.Changes.RemoveAt(changes.Length - 1) }).Forget(changes[^1].LastRun) : anonymous;
    }

    /// <summary>With one change more.</summary>
    public UserState Add(HistoryChange change, int lastRun) => this with { Changes = Changes.Add(new RecordedChange(change with { User = "" }, lastRun)) };

    /// <summary>With nothing left but the fact; a user who is out already stays out since then.</summary>
    public UserState Forget(int lastRun) => Out is not null
        ? this
        : new UserState { Out = new ErasedChanges(Changes.IsEmpty ? lastRun : Changes.Min(recorded => recorded.LastRun), lastRun), Segments = Segments };

    /// <summary>With several changes more.</summary>
    /// <param name="changes">In order. Those that are there with the same item, rating and time are left out.</param>
    /// <param name="lastRun">Number of the last run that is without them.</param>
    public UserState AddNew(IEnumerable<HistoryChange> changes, int lastRun)
    {
        var known = Changes.Select(recorded => recorded.Change).ToHashSet();
        var added = changes.Select(change => change with { User = "" }).Where(known.Add).Select(change => new RecordedChange(change, lastRun));
        return this with { Changes = Changes.AddRange(added) };
    }

    /// <summary>What the user had done when a run began, by the catalogue's numbers; what is not in the catalogue is left out.</summary>
    /// <param name="catalogue">The items.</param>
    /// <param name="number">The run's number; <see cref="int.MaxValue"/> for everything.</param>
    /// <param name="items">Items 0 to this. Default: all that the catalogue has.</param>
    public List<PartyEvent> EventsAsOf(FederationCatalogue catalogue, int number, int items = int.MaxValue)
    {
        var events = new List<PartyEvent>(Changes.Length);
        foreach (var (change, lastRun) in Changes)
        {
            if (lastRun < number && change.Item is not null && catalogue.Items.TryGet(change.Item, out var item) && item < items)
            {
                events.Add(new PartyEvent(item, change.Rating ?? 0, change.Time ?? 0, change.Kind == HistoryChangeKind.Removed));
            }
        }

        return events;
    }

    /// <summary>What has changed for a run, by the run's number; for any number, everything.</summary>
    /// <param name="items">The items by their ids; what is not among them is left out.</param>
    /// <param name="usesRatings">Whether an item without a rating tells the run nothing.</param>
    /// <param name="place">The user's place among those of the client.</param>
    /// <param name="number">The run's number; <see cref="int.MaxValue"/> for everything.</param>
    public IEnumerable<ItemChange> AsOf(IdMap items, bool usesRatings, int place, int number)
    {
        if (Out is not null && Out.Last < number)
        {
            yield return new ItemChange(place, -1, 0, ItemChangeKind.Forgotten);
        }

        foreach (var (change, lastRun) in Changes)
        {
            var item = -1;
            if (lastRun < number && TellsOf(usesRatings, change) && (change.Item is null || items.TryGet(change.Item, out item)))
            {
                yield return new ItemChange(place, item, change.Rating ?? 0, (ItemChangeKind)change.Kind);
            }
        }
    }

    // An item without a rating was recorded under a learner that needs none.
    private static bool TellsOf(bool usesRatings, HistoryChange change) => !(usesRatings && change is { Kind: HistoryChangeKind.Added, Rating: null });
}
