using System.Runtime.InteropServices;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Splits;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data;

/// <summary>Interactions in the order of the file, before they are merged and split. Columns the file has not are empty.</summary>
/// <param name="items">Original item ids, when they are known before the rows; rows must not name others where the ids are shared. Default: found in the rows.</param>
internal sealed class InteractionLog(IdMap? items = null)
{
    private readonly List<int> _users = [];
    private readonly List<int> _items = [];
    private readonly List<float> _ratings = [];
    private readonly List<long> _timestamps = [];
    private readonly List<InteractionSplit> _splits = [];
    private readonly List<EventKind> _kinds = [];
    private readonly IdMap _parties = new();
    private readonly List<int> _partyOf = [];

    /// <summary>Stands between the name of a party and the id that it gives a user.</summary>
    public const char PartySeparator = '/';

    /// <summary>Rows for which room is made at once: growing takes three times as much for a while. Default: 0, grows as needed.</summary>
    public int Expected { get; init; }

    /// <summary>Original user ids.</summary>
    public IdMap Users { get; } = new();

    /// <summary>Original item ids.</summary>
    public IdMap Items { get; } = items ?? new IdMap();

    /// <summary>Number of interactions.</summary>
    public int Count => _users.Count;

    /// <summary>Dense user number of each row.</summary>
    public ReadOnlySpan<int> UserColumn => CollectionsMarshal.AsSpan(_users);

    /// <summary>Dense item number of each row.</summary>
    public ReadOnlySpan<int> ItemColumn => CollectionsMarshal.AsSpan(_items);

    /// <summary>Ratings; empty when the data has none, or none for some rows.</summary>
    public ReadOnlySpan<float> RatingColumn => Unrated > 0 ? [] : CollectionsMarshal.AsSpan(_ratings);

    /// <summary>Ratings as the rows have them, not a number where a row has none; empty when the data has none at all.</summary>
    public ReadOnlySpan<float> RatingsWithGaps => CollectionsMarshal.AsSpan(_ratings);

    /// <summary>Rows without a rating in a file that has a column for it.</summary>
    public int Unrated { get; private set; }

    /// <summary>What the times count. Default: seconds.</summary>
    public TimeUnit TimeUnit { get; set; }

    /// <summary>Times in <see cref="TimeUnit"/>; empty when the data has none.</summary>
    public ReadOnlySpan<long> TimestampColumn => CollectionsMarshal.AsSpan(_timestamps);

    /// <summary>The explicit split; empty when the data has none.</summary>
    public ReadOnlySpan<InteractionSplit> SplitColumn => CollectionsMarshal.AsSpan(_splits);

    /// <summary>Kinds of events; empty when the data has none.</summary>
    public ReadOnlySpan<EventKind> KindColumn => CollectionsMarshal.AsSpan(_kinds);

    /// <summary>Adds a row. Every row of a log has the same columns.</summary>
    /// <remarks>A rating that is not a number says that this row has none.</remarks>
    public void Add(ReadOnlySpan<char> user, ReadOnlySpan<char> item, float? rating = null, long? timestamp = null, InteractionSplit? split = null, EventKind? kind = null)
    {
        AddColumn(_ratings, rating);
        AddColumn(_timestamps, timestamp);
        AddColumn(_splits, split);
        AddColumn(_kinds, kind);
        Unrated += rating is float.NaN ? 1 : 0;
        _users.EnsureCapacity(Expected);
        _items.EnsureCapacity(Expected);
        _users.Add(Users.GetOrAdd(user));
        _items.Add(Items.GetOrAdd(item));
    }

    /// <summary>Adds a row of a user whom a party holds; see <see cref="Partitions.PartyFolders"/> for what becomes of the user's id.</summary>
    public void AddOf(string party, ReadOnlySpan<char> user, ReadOnlySpan<char> item, float? rating = null, long? timestamp = null, InteractionSplit? split = null, EventKind? kind = null)
    {
        Add($"{party}{PartySeparator}{user}", item, rating, timestamp, split, kind);
        if (_partyOf.Count < Users.Count)
        {
            _partyOf.Add(_parties.GetOrAdd(party));
        }
    }

    /// <summary>Adds a row of a log with the same columns, and its party.</summary>
    public void AddRow(InteractionLog other, int row, float? rating)
    {
        Add(
            other.Users[other._users[row]],
            other.Items[other._items[row]],
            rating,
            other._timestamps.Count == 0 ? null : other._timestamps[row],
            other._splits.Count == 0 ? null : other._splits[row],
            other._kinds.Count == 0 ? null : other._kinds[row]);
        if (other._partyOf.Count > 0 && _partyOf.Count < Users.Count)
        {
            _partyOf.Add(_parties.GetOrAdd(other._parties[other._partyOf[other._users[row]]]));
        }
    }

    /// <summary>Multiplies all times, which were counted in a coarser unit.</summary>
    public void ScaleTimes(long factor) => ChangeTimes(time => TimeUnits.Scale(time, factor));

    /// <summary>Counts all times in a finer unit.</summary>
    public void CountTimesIn(TimeUnit unit)
    {
        var factor = unit.PerSecond() / TimeUnit.PerSecond();
        ScaleTimes(factor);
        TimeUnit = unit;
    }

    /// <summary>Replaces all times.</summary>
    public void ChangeTimes(Func<long, long> change)
    {
        foreach (ref var time in CollectionsMarshal.AsSpan(_timestamps))
        {
            time = change(time);
        }
    }

    /// <summary>Who holds whom; null when the rows name no parties.</summary>
    public UserParties? HeldBy() => _partyOf.Count == 0 ? null : new UserParties([.. Enumerable.Range(0, _parties.Count).Select(party => _parties[party])], [.. _partyOf]);

    private void AddColumn<T>(List<T> column, T? value)
        where T : struct
    {
        if (value.HasValue != column.Count > 0 && Count > 0)
        {
            throw new ArgumentException($"Row {Count} has other columns than the rows before it.", nameof(value));
        }

        if (value.HasValue)
        {
            column.EnsureCapacity(Expected);
            column.Add(value.Value);
        }
    }
}
