using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Core.Catalogues;
using FedRec.Core.Parties;

namespace FedRec.Grains.Parties;

/// <summary>What the users of an organisation did, by user, as it is in memory: some 40 bytes for an event, and each id once.</summary>
internal sealed class OrganisationHistory
{
    private readonly OrderedDictionary<string, List<OrganisationEvent>> _users = new(StringComparer.Ordinal); // in the order in which they came
    private readonly Dictionary<string, string> _items = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, ErasedChanges> _out;

    /// <param name="changes">What was recorded, in order; what is of users who are out is left out.</param>
    /// <param name="forgotten">Users who are out.</param>
    public OrganisationHistory(IEnumerable<RecordedChange> changes, ImmutableDictionary<string, ErasedChanges> forgotten)
    {
        _out = forgotten;
        foreach (var recorded in changes)
        {
            HoldsErased |= forgotten.ContainsKey(recorded.Change.User);
            Add(recorded, isStored: true);
        }
    }

    /// <summary>Whether what was recorded held something of users who are out: erasing them was cut off.</summary>
    public bool HoldsErased { get; }

    /// <summary>Events of all users.</summary>
    public int Count { get; private set; }

    /// <summary>Number of users.</summary>
    public int Users => _users.Count;

    /// <summary>Original ids of the users, in the order in which they came.</summary>
    public IEnumerable<string> UserIds => _users.Keys;

    /// <summary>Original ids of the items that events are of.</summary>
    public IEnumerable<string> Items => _items.Keys;

    /// <summary>Users who are out, and what was erased of them.</summary>
    public ImmutableDictionary<string, ErasedChanges> Out => _out;

    /// <summary>Whether anything is known of a user.</summary>
    public bool Knows(string user) => _users.ContainsKey(user);

    /// <summary>Events of one user; null when nothing is known of the user.</summary>
    public int? CountOf(string user) => _users.TryGetValue(user, out var events) ? events.Count : null;

    /// <summary>Adds what is not there yet.</summary>
    /// <param name="changes">In order.</param>
    /// <param name="lastRun">Number of the last run that is without them.</param>
    /// <returns>What was added, to be stored.</returns>
    public ImmutableArray<RecordedChange> AddNew(IEnumerable<HistoryChange> changes, int lastRun) =>
        [.. changes.Select(change => new RecordedChange(change, lastRun)).Where(recorded => Add(recorded, isStored: false))];

    /// <summary>The same, to be added to while this one is read.</summary>
    public OrganisationHistory Copy()
    {
        var copy = new OrganisationHistory([], _out);
        foreach (var (user, events) in _users)
        {
            copy._users.Add(user, [.. events]);
        }

        foreach (var item in _items.Keys)
        {
            copy._items.Add(item, item);
        }

        copy.Count = Count;
        return copy;
    }

    /// <summary>Leaves a user out for good.</summary>
    public ErasedChanges Forget(string user, int lastRun)
    {
        if (!_out.TryGetValue(user, out var erased))
        {
            _users.Remove(user, out var events);
            Count -= events?.Count ?? 0;
            erased = new ErasedChanges(events?.Min(one => one.LastRun) ?? lastRun, lastRun);
            _out = _out.Add(user, erased);
        }

        return erased;
    }

    /// <summary>What each user had done when a run began, by the catalogue's numbers; users who had done nothing are left out.</summary>
    /// <param name="catalogue">The items.</param>
    /// <param name="run">The run's number; <see cref="int.MaxValue"/> for everything.</param>
    /// <param name="counted">An earlier run: what the same users had done when that one began; null for the run itself.</param>
    public List<IReadOnlyList<PartyEvent>> EventsAsOf(FederationCatalogue catalogue, int run, CountedRun? counted = null)
    {
        var (users, then) = (new List<IReadOnlyList<PartyEvent>>(_users.Count), counted ?? new CountedRun(run, int.MaxValue, int.MaxValue));
        foreach (var (_, events) in _users)
        {
            if (events[0].LastRun < run)
            {
                users.Add(events[0].LastRun < then.Number ? Of(events, catalogue, then) : []);
            }
        }

        return users;
    }

    /// <summary>All that one user did.</summary>
    public IReadOnlyList<PartyEvent> EventsOf(string user, FederationCatalogue catalogue) =>
        _users.TryGetValue(user, out var events) ? Of(events, catalogue, new CountedRun(int.MaxValue, int.MaxValue, int.MaxValue)) : [];

    /// <summary>SHA-256 of users, items, ratings and times in their order, in hexadecimal.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[13];
        foreach (var (user, events) in _users)
        {
            Add(hash, user);
            foreach (var met in events)
            {
                Add(hash, met.Item);
                BinaryPrimitives.WriteInt64LittleEndian(numbers, met.Time);
                BinaryPrimitives.WriteInt32LittleEndian(numbers[8..], BitConverter.SingleToInt32Bits(met.Rating ?? float.NaN)); // a rating is a number
                numbers[12] = met.IsRemoval ? (byte)1 : (byte)0;
                hash.AppendData(numbers);
            }

            hash.AppendData([0xff]); // no length of a text begins so
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, string text)
    {
        var (length, bytes) = (new byte[sizeof(int)], Encoding.UTF8.GetBytes(text));
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }

    private static List<PartyEvent> Of(List<OrganisationEvent> events, FederationCatalogue catalogue, CountedRun run)
    {
        var own = new List<PartyEvent>(events.Count);
        foreach (var met in events)
        {
            if (met.LastRun < run.Number && catalogue.Items.TryGet(met.Item, out var item) && item < run.Items)
            {
                own.Add(new PartyEvent(item, met.Rating ?? 0, met.Time, met.IsRemoval));
            }
        }

        return own;
    }

    private bool Add(RecordedChange recorded, bool isStored)
    {
        var change = recorded.Change;
        if (_out.ContainsKey(change.User) || (change.Kind == HistoryChangeKind.Removed && !Knows(change.User)))
        {
            return false; // nothing is recorded of who is out, and there is nothing to take back for who did nothing
        }

        if (!_items.TryGetValue(change.Item!, out var item))
        {
            _items[change.Item!] = item = change.Item!;
        }

        var met = new OrganisationEvent(item, change.Rating, change.Time ?? 0, change.Kind == HistoryChangeKind.Removed, recorded.LastRun);
        if (!_users.TryGetValue(change.User, out var events))
        {
            _users.Add(change.User, events = []);
        }
        else if (!isStored && events.Exists(met.IsAgain))
        {
            return false;
        }

        events.Add(met);
        Count++;
        return true;
    }
}

/// <summary>One thing that a user of an organisation did.</summary>
internal readonly record struct OrganisationEvent(string Item, float? Rating, long Time, bool IsRemoval, int LastRun)
{
    /// <summary>Whether another event is the same, recorded again.</summary>
    public bool IsAgain(OrganisationEvent other) => this == other with { LastRun = LastRun };
}
