namespace FedRec.Core.Data.Partitions;

/// <summary>Sorts users by taste: each into the group of items that it meets more often than others do.</summary>
/// <remarks>Most people meet the most common groups most, so the plain majority would put all of them together. The excess over what
/// the user would meet by chance is measured in standard deviations (Pearson residual), as it grows with the user's volume otherwise.</remarks>
internal static class TasteGroups
{
    /// <summary>The group of each user.</summary>
    /// <param name="dataset">Only its training rows are read, so that what is held out shapes nothing.</param>
    /// <param name="seed">See <see cref="ItemGroups.Of"/>.</param>
    public static int[] Of(Dataset dataset, ulong seed)
    {
        var groups = ItemGroups.Of(dataset, seed, out var count);
        var counts = new double[dataset.Users.Count][];
        var total = new double[count];
        for (var user = 0; user < counts.Length; user++)
        {
            counts[user] = CountGroups(dataset.Train.Items(user), groups, count);
            for (var group = 0; group < count; group++)
            {
                total[group] += counts[user][group];
            }
        }

        var sum = Math.Max(1, total.Sum());
        return Array.ConvertAll(counts, own => Enumerable.Range(0, count).MaxBy(group => Excess(own, group, total[group] / sum)));
    }

    private static double[] CountGroups(ReadOnlySpan<int> items, IReadOnlyList<IReadOnlyList<int>> groups, int count)
    {
        var counts = new double[count];
        foreach (var item in items)
        {
            foreach (var group in groups[item])
            {
                counts[group]++;
            }
        }

        return counts;
    }

    private static double Excess(double[] own, int group, double share)
    {
        var expected = own.Sum() * share;
        return expected > 0 ? (own[group] - expected) / Math.Sqrt(expected) : 0;
    }
}
