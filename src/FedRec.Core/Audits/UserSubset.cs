using FedRec.Core.Data;

namespace FedRec.Core.Audits;

/// <summary>Training rows of which each user keeps some items only.</summary>
internal static class UserSubset
{
    /// <summary>Rows of some users, with all that stands beside their items.</summary>
    /// <param name="items">All rows.</param>
    /// <param name="users">Rows that are taken, in this order.</param>
    /// <param name="keeps">Whether a user, by its place in <paramref name="users"/>, keeps its i-th item.</param>
    public static UserItems Of(UserItems items, IReadOnlyList<int> users, Func<int, int, bool> keeps)
    {
        var (offsets, kept, ratings, times, weights) = (new int[users.Count + 1], new List<int>(), new List<float>(), new List<long>(), new List<float>());
        for (var place = 0; place < users.Count; place++)
        {
            var user = users[place];
            for (var i = 0; i < items.Items(user).Length; i++)
            {
                if (keeps(place, i))
                {
                    kept.Add(items.Items(user)[i]);
                    AddIfThere(ratings, items.Ratings(user), i);
                    AddIfThere(times, items.Timestamps(user), i);
                    AddIfThere(weights, items.Weights(user), i);
                }
            }

            offsets[place + 1] = kept.Count;
        }

        return new UserItems(offsets, [.. kept], [.. ratings], [.. times], [.. weights]) { Features = FeaturesOf(items, users) };
    }

    private static void AddIfThere<T>(List<T> to, ReadOnlySpan<T> values, int i)
    {
        if (!values.IsEmpty)
        {
            to.Add(values[i]);
        }
    }

    private static Data.Features.FeatureTable? FeaturesOf(UserItems items, IReadOnlyList<int> users) => items.Features is not { } all ? null
        : new Data.Features.FeatureTable(all.Schema, [.. users.SelectMany(user => all.Row(user).ToArray())]);
}
