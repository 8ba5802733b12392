using FedRec.Core.Randomness;

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

/// <summary>How far two distributions are from each other.</summary>
/// <remarks>Lin 1991: the mean Kullback–Leibler divergence, in bits, of both from their middle; 0 when they are equal, 1 when they have nothing in common.</remarks>
internal static class JensenShannon
{
    /// <summary>The divergence of two histograms, each divided by its sum first.</summary>
    /// <returns>In [0, 1]; null when one of them is empty.</returns>
    public static double? Divergence(IReadOnlyList<long> first, IReadOnlyList<long> second)
    {
        var (firstSum, secondSum) = ((double)first.Sum(), (double)second.Sum());
        if (firstSum == 0 || secondSum == 0)
        {
            return null;
        }

        var sum = 0.0;
        for (var cell = 0; cell < first.Count; cell++)
        {
            var (p, q) = (first[cell] / firstSum, second[cell] / secondSum);
            sum += (Term(p, (p + q) / 2) + Term(q, (p + q) / 2)) / 2;
        }

        return Math.Clamp(sum, 0, 1);
    }

    private static double Term(double p, double middle) => p == 0 ? 0 : p * Math.Log2(p / middle);
}
