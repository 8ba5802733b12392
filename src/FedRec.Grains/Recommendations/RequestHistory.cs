using System.Collections.Immutable;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Data;

namespace FedRec.Grains.Recommendations;

/// <summary>The history that a request brings along, by dense item number.</summary>
internal sealed class RequestHistory
{
    private const int MaxItems = 10_000;
    private readonly int[] _items;
    private readonly float[] _ratings;
    private readonly float[] _ages;

    private RequestHistory(int[] items, float[] ratings, float[] ages) => (_items, _ratings, _ages) = (items, ratings, ages);

    /// <summary>As a learner sees it.</summary>
    public UserHistory View => new(_items, _ratings, ages: _ages);

    /// <summary>Looks the items up; of an item named twice the last time counts.</summary>
    /// <param name="items">Items of the request, at least one, the newest last.</param>
    /// <param name="catalogue">The ids of the run's data.</param>
    /// <param name="unknown">An item that is not in the catalogue, when null is returned.</param>
    /// <exception cref="ArgumentException">Too many items, ratings for some only, or one that is not a number.</exception>
    public static RequestHistory? Find(ImmutableArray<MetItem> items, IdMap catalogue, out string? unknown)
    {
        Check(items);
        unknown = null;
        var time = 0L;
        var met = new SortedDictionary<int, (float Rating, long Time)>();
        foreach (var item in items)
        {
            if (!catalogue.TryGet(item.Item, out var number))
            {
                unknown = item.Item;
                return null;
            }

            met[number] = (item.Rating ?? 0, ++time);
        }

        var ages = new float[met.Count];
        Ages.Of([.. met.Values.Select(one => one.Time)], ages);
        return new RequestHistory([.. met.Keys], items[0].Rating is null ? [] : [.. met.Values.Select(one => one.Rating)], ages);
    }

    private static void Check(ImmutableArray<MetItem> items)
    {
        if (items.Length > MaxItems)
        {
            throw new ArgumentException($"The request names {items.Length} items; it may name {MaxItems}.", nameof(items));
        }

        if (items.Any(item => item.Rating.HasValue != items[0].Rating.HasValue))
        {
            throw new ArgumentException("Some items have a rating and some have none; give all of them one, or none.", nameof(items));
        }

        if (items.FirstOrDefault(item => item.Rating is { } rating && !float.IsFinite(rating)) is { } bad)
        {
            throw new ArgumentException($"The rating of item {bad.Item} is not a number.", nameof(items));
        }
    }
}
