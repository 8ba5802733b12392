namespace FedRec.Core.Data;

/// <summary>What a user did after the data was loaded.</summary>
/// <param name="User">Which of the client's users, from 0.</param>
/// <param name="Item">Dense item number; ignored when everything is forgotten.</param>
/// <param name="Rating">The rating, where the data has ratings.</param>
/// <param name="Kind">What has changed.</param>
public readonly record struct ItemChange(int User, int Item, float Rating, ItemChangeKind Kind);

/// <summary>What has changed in a history.</summary>
public enum ItemChangeKind
{
    /// <summary>An item came, or was rated anew.</summary>
    Added,

    /// <summary>An item went.</summary>
    Removed,

    /// <summary>All items went.</summary>
    Forgotten,
}

/// <summary>What one client may train on: the training rows of its own users, and nothing held out.</summary>
/// <param name="train">Training rows of the whole process, of which only the own users' are reachable.</param>
/// <param name="users">The client's users, one or many, as rows of <paramref name="train"/>.</param>
/// <param name="itemCount">Items of the catalogue, at least 1.</param>
public sealed class ClientData(UserItems train, ReadOnlyMemory<int> users, int itemCount)
{
    private readonly UserItems? _changed; // rows by the client's own numbering, once something has changed
    private readonly IReadOnlySet<int>? _forgotten; // users by the client's own numbering

    private ClientData(UserItems train, ReadOnlyMemory<int> users, int itemCount, UserItems changed, IReadOnlySet<int> forgotten)
        : this(train, users, itemCount) => (_changed, _forgotten) = (changed, forgotten);

    /// <summary>Users this client holds, at least 1.</summary>
    public int UserCount => users.Length;

    /// <summary>Items of the catalogue.</summary>
    public int ItemCount => itemCount;

    /// <summary>Training items of all its users together.</summary>
    public int InteractionCount
    {
        get
        {
            var count = 0;
            for (var user = 0; user < UserCount; user++)
            {
                count += Items(user).Length;
            }

            return count;
        }
    }

    /// <summary>Training items of the client's i-th user, ascending and without repeats.</summary>
    public ReadOnlySpan<int> Items(int user) => _changed is null ? train.Items(users.Span[user]) : _changed.Items(user);

    /// <summary>Ratings beside <see cref="Items"/>; empty when the data has none.</summary>
    public ReadOnlySpan<float> Ratings(int user) => _changed is null ? train.Ratings(users.Span[user]) : _changed.Ratings(user);

    /// <summary>What each of <see cref="Items"/> counts in training, above 0; empty when each counts 1.</summary>
    public ReadOnlySpan<float> Weights(int user) => _changed is null ? train.Weights(users.Span[user]) : _changed.Weights(user);

    /// <summary>Features of the client's i-th user; empty when none are known, or when the user was forgotten.</summary>
    public ReadOnlySpan<float> Features(int user) => train.Features is null || _forgotten?.Contains(user) == true ? [] : train.Features.Row(users.Span[user]);

    /// <summary>How many of the user's items are newer than each of <see cref="Items"/>; empty when the data has no times.</summary>
    public ReadOnlySpan<float> Ages(int user) => _changed is null ? train.Ages(users.Span[user]) : _changed.Ages(user);

    /// <summary>Items, ratings, features, weights, ages and times of the client's i-th user.</summary>
    public UserHistory History(int user) => new(Items(user), Ratings(user), Features(user), Weights(user), Ages(user), Timestamps(user));

    /// <summary>The data as it is after some changes, the earliest first; this one stays as it is. What is added is of no known kind, counts 1, and is
    /// newer than all that was there.</summary>
    public ClientData After(IEnumerable<ItemChange> changes)
    {
        var (byUser, offsets) = (changes.ToLookup(change => change.User), new int[UserCount + 1]);
        var (items, ratings, weights, times) = (new List<int>(), new List<float>(), new List<float>(), new List<long>());
        for (var user = 0; user < UserCount; user++)
        {
            foreach (var (item, (rating, weight, time)) in Apply(user, byUser[user]))
            {
                items.Add(item);
                ratings.Add(rating);
                weights.Add(weight);
                times.Add(time);
            }

            offsets[user + 1] = items.Count;
        }

        var forgotten = byUser.Where(own => own.Any(change => change.Kind == ItemChangeKind.Forgotten)).Select(own => own.Key);
        var changed = new UserItems(offsets, [.. items], train.HasRatings ? [.. ratings] : null, train.HasTimes ? [.. times] : null, train.HasWeights ? [.. weights] : null);
        return new ClientData(train, users, itemCount, changed, new HashSet<int>([.. _forgotten ?? new HashSet<int>(), .. forgotten]));
    }

    /// <summary>The dense number of the client's i-th user.</summary>
    internal int UserNumber(int user) => users.Span[user];

    private ReadOnlySpan<long> Timestamps(int user) => _changed is null ? train.Timestamps(users.Span[user]) : _changed.Timestamps(user);

    private SortedDictionary<int, (float Rating, float Weight, long Time)> Apply(int user, IEnumerable<ItemChange> changes)
    {
        var history = History(user);
        var times = Timestamps(user);
        var newest = 0L;
        var own = new SortedDictionary<int, (float Rating, float Weight, long Time)>();
        for (var i = 0; i < history.Items.Length; i++)
        {
            own[history.Items[i]] = (history.Ratings.IsEmpty ? 0 : history.Ratings[i], history.Weights.IsEmpty ? 1 : history.Weights[i], times.IsEmpty ? 0 : times[i]);
            newest = Math.Max(newest, times.IsEmpty ? 0 : times[i]);
        }

        foreach (var change in changes)
        {
            switch (change.Kind)
            {
                case ItemChangeKind.Removed:
                    own.Remove(change.Item);
                    break;
                case ItemChangeKind.Forgotten:
                    own.Clear();
                    break;
                default:
                    own[change.Item] = (change.Rating, 1, ++newest); // the latest rating of an item counts
                    break;
            }
        }

        return own;
    }
}
