using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Data;

/// <summary>Each user's items in compressed rows: user u owns entries <c>Offsets[u]</c> to <c>Offsets[u + 1]</c>.</summary>
/// <remarks>Immutable. Items are ascending within a user and appear once; ratings, timestamps, weights and kinds run beside them.</remarks>
public sealed class UserItems
{
    private readonly int[] _offsets;
    private readonly int[] _items;
    private readonly float[] _ratings;
    private readonly long[] _timestamps;
    private readonly float[] _weights;
    private readonly EventKind[] _kinds;
    private float[]? _ages; // worked out when they are first needed

    /// <summary>Takes over the arrays, which must not change afterwards.</summary>
    /// <param name="offsets">Length users + 1, ascending, from 0 to the number of entries.</param>
    /// <param name="items">Dense item numbers, ascending within each user.</param>
    /// <param name="ratings">Beside <paramref name="items"/>, or empty when the data has none.</param>
    /// <param name="timestamps">Beside <paramref name="items"/>, in the unit of the data; or empty when it has none.</param>
    /// <param name="weights">Beside <paramref name="items"/>, what each counts in training; or empty when each counts 1.</param>
    /// <param name="kinds">Beside <paramref name="items"/>, the strongest kind of event; or empty when the data has none.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public UserItems(int[] offsets, int[] items, float[]? ratings = null, long[]? timestamps = null, float[]? weights = null, EventKind[]? kinds = null)
    {
        if (offsets.Length == 0 || offsets[^1] != items.Length)
        {
            throw new ArgumentException($"Offsets end at {(offsets.Length == 0 ? "nothing" : offsets[^1])}, but there are {items.Length} entries.", nameof(offsets));
        }

        _offsets = offsets;
        _items = items;
        _ratings = Beside(ratings, nameof(ratings));
        _timestamps = Beside(timestamps, nameof(timestamps));
        _weights = Beside(weights, nameof(weights));
        _kinds = Beside(kinds, nameof(kinds));
    }

    /// <summary>What is known of the users beside their items, a row for each; null when nothing is. Default: null.</summary>
    public FeatureTable? Features { get; init; }

    /// <summary>The same items with what is known of the users.</summary>
    /// <param name="features">A row for each user; null when nothing is known.</param>
    public UserItems With(FeatureTable? features) => new(_offsets, _items, _ratings, _timestamps, _weights, _kinds) { Features = features };

    /// <summary>Number of users, with or without entries.</summary>
    public int UserCount => _offsets.Length - 1;

    /// <summary>Number of entries of all users.</summary>
    public int Count => _items.Length;

    /// <summary>Whether ratings stand beside the items; false when there are no entries.</summary>
    public bool HasRatings => _ratings.Length > 0;

    /// <summary>Whether entries count differently in training.</summary>
    public bool HasWeights => _weights.Length > 0;

    /// <summary>Whether times stand beside the items; false when there are no entries.</summary>
    public bool HasTimes => _timestamps.Length > 0;

    /// <summary>Lowest and highest rating; null when there are none.</summary>
    public (float Lowest, float Highest)? RatingScale => HasRatings ? (_ratings.Min(), _ratings.Max()) : null;

    /// <summary>The items of one user, ascending.</summary>
    public ReadOnlySpan<int> Items(int user) => _items.AsSpan(_offsets[user].._offsets[user + 1]);

    /// <summary>The ratings beside <see cref="Items"/>; empty when the data has none.</summary>
    public ReadOnlySpan<float> Ratings(int user) => _ratings.Length == 0 ? [] : _ratings.AsSpan(_offsets[user].._offsets[user + 1]);

    /// <summary>What each of <see cref="Items"/> counts in training, above 0; empty when each counts 1.</summary>
    public ReadOnlySpan<float> Weights(int user) => _weights.Length == 0 ? [] : _weights.AsSpan(_offsets[user].._offsets[user + 1]);

    /// <summary>The strongest kind of event of each of <see cref="Items"/>; empty when the data has none.</summary>
    public ReadOnlySpan<EventKind> Kinds(int user) => _kinds.Length == 0 ? [] : _kinds.AsSpan(_offsets[user].._offsets[user + 1]);

    /// <summary>How many of the user's items are newer than each of <see cref="Items"/>, see <see cref="Data.Ages"/>; empty when the data has no times.</summary>
    public ReadOnlySpan<float> Ages(int user) => HasTimes ? (_ages ??= AllAges()).AsSpan(_offsets[user].._offsets[user + 1]) : [];

    /// <summary>Items, ratings, features, weights, ages and times of one user.</summary>
    public UserHistory History(int user) => new(Items(user), Ratings(user), Features is null ? [] : Features.Row(user), Weights(user), Ages(user), Timestamps(user));

    /// <summary>The times beside <see cref="Items"/>, in <see cref="Dataset.TimeUnit"/>; empty when the data has none.</summary>
    public ReadOnlySpan<long> Timestamps(int user) => _timestamps.Length == 0 ? [] : _timestamps.AsSpan(_offsets[user].._offsets[user + 1]);

    private float[] AllAges()
    {
        var ages = new float[_items.Length];
        for (var user = 0; user < UserCount; user++)
        {
            Data.Ages.Of(Timestamps(user), ages.AsSpan(_offsets[user].._offsets[user + 1]));
        }

        return ages;
    }

    private T[] Beside<T>(T[]? values, string name) =>
        values is null or [] ? []
        : values.Length == _items.Length ? values
        : throw new ArgumentException($"{values.Length} values stand beside {_items.Length} items.", name);
}
