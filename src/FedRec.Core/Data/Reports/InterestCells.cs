using FedRec.Core.Training;

namespace FedRec.Core.Data.Reports;

/// <summary>Kinds of items that interests are compared by: tags, or hash buckets where items have none.</summary>
/// <param name="Name">What the cells are, for people.</param>
/// <param name="Count">Number of cells.</param>
/// <param name="OfItem">The cells of each item.</param>
internal sealed record InterestCells(string Name, int Count, IReadOnlyList<int[]> OfItem)
{
    private const int HashBuckets = 32;

    /// <summary>The cells of a dataset's items; they depend on the public catalogue alone.</summary>
    public static InterestCells Of(Dataset dataset)
    {
        var tags = dataset.Catalogue.Tags.SelectMany(own => own).Distinct().Order(StringComparer.Ordinal).ToList();
        if (tags.Count < 2)
        {
            return new InterestCells($"items in {HashBuckets} hash buckets", HashBuckets, [.. Enumerable.Range(0, dataset.Items.Count).Select(item => new[] { Bucket(dataset.Items[item]) })]);
        }

        var numbers = tags.Select((tag, number) => (tag, number)).ToDictionary(pair => pair.tag, pair => pair.number, StringComparer.Ordinal);
        return new InterestCells("tags", tags.Count, [.. dataset.Catalogue.Tags.Select(own => own.Distinct().Select(tag => numbers[tag]).ToArray())]);
    }

    // FNV-1a, mixed: every party finds the same bucket without asking.
    private static int Bucket(string id)
    {
        var hash = id.Aggregate(14695981039346656037UL, (hash, letter) => unchecked((hash ^ letter) * 1099511628211UL));
        return (int)(SeedSequence.Mix(hash) % HashBuckets);
    }
}
