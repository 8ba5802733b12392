using FedRec.Core.Randomness;

namespace FedRec.Core.Data.Partitions;

/// <summary>Groups of items that people of one taste meet: their tags, or what is met together when there are no tags.</summary>
internal static class ItemGroups
{
    private const int Anchors = 10;

    /// <summary>The groups of each item; an item may be in several, or in none.</summary>
    /// <param name="dataset">Only its training rows are read.</param>
    /// <param name="seed">Equal seeds group equally; without meaning where there are tags.</param>
    /// <param name="count">Number of groups, at least 1.</param>
    public static IReadOnlyList<IReadOnlyList<int>> Of(Dataset dataset, ulong seed, out int count)
    {
        var tags = dataset.Catalogue.Tags;
        var numbers = tags.SelectMany(own => own).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select((tag, number) => (tag, number)).ToDictionary(pair => pair.tag, pair => pair.number, StringComparer.Ordinal);
        if (numbers.Count < 2)
        {
            return AroundAnchors(dataset.Train, dataset.Items.Count, seed, out count);
        }

        count = numbers.Count;
        return [.. tags.Select(own => own.Select(tag => numbers[tag]).Distinct().ToArray())];
    }

    /// <summary>Draws some popular items; every other item goes with the one that it is met with most often for its popularity.</summary>
    private static int[][] AroundAnchors(UserItems train, int items, ulong seed, out int count)
    {
        var popularity = new int[items];
        for (var user = 0; user < train.UserCount; user++)
        {
            foreach (var item in train.Items(user))
            {
                popularity[item]++;
            }
        }

        var anchors = DrawAnchors(popularity, seed);
        count = anchors.Length;
        var together = CountTogether(train, items, anchors);
        return [.. Enumerable.Range(0, items).Select(item => NearestAnchor(item, anchors, together, popularity))];
    }

    private static int[] DrawAnchors(int[] popularity, ulong seed)
    {
        var popular = Enumerable.Range(0, popularity.Length).OrderByDescending(item => popularity[item]).Take(Math.Max(Anchors, popularity.Length / 5)).ToArray();
        var random = SeedSequence.For(seed, "item-groups");
        random.Shuffle(popular.AsSpan());
        return popular[..Math.Min(Anchors, popular.Length)];
    }

    private static int[,] CountTogether(UserItems train, int items, int[] anchors)
    {
        var together = new int[anchors.Length, items];
        for (var user = 0; user < train.UserCount; user++)
        {
            var own = train.Items(user);
            for (var anchor = 0; anchor < anchors.Length; anchor++)
            {
                if (own.BinarySearch(anchors[anchor]) < 0)
                {
                    continue;
                }

                foreach (var item in own)
                {
                    together[anchor, item]++;
                }
            }
        }

        return together;
    }

    private static int[] NearestAnchor(int item, int[] anchors, int[,] together, int[] popularity)
    {
        var itself = Array.IndexOf(anchors, item);
        if (itself >= 0)
        {
            return [itself];
        }

        var best = Enumerable.Range(0, anchors.Length).MaxBy(anchor => together[anchor, item] / Math.Sqrt(Math.Max(1, popularity[anchors[anchor]])));
        return together[best, item] > 0 ? [best] : [];
    }
}
