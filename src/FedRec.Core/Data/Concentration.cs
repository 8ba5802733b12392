namespace FedRec.Core.Data;

/// <summary>How unevenly interactions are spread over items.</summary>
internal static class Concentration
{
    /// <summary>Gini coefficient: mean difference of all pairs over twice the mean.</summary>
    /// <param name="sorted">Interactions of each item, ascending; at least one in all.</param>
    /// <returns>0 when all are equal, near 1 when one has it all.</returns>
    public static double Gini(int[] sorted)
    {
        var (weighted, sum) = (0.0, 0.0);
        for (var i = 0; i < sorted.Length; i++)
        {
            weighted += ((2.0 * (i + 1)) - sorted.Length - 1) * sorted[i];
            sum += sorted[i];
        }

        return weighted / (sorted.Length * sum);
    }

    /// <summary>Share of all interactions that the most popular tenth of the items has, rounded up to whole items, in (0, 1].</summary>
    /// <param name="sorted">Interactions of each item, ascending; at least one in all.</param>
    public static double TopTenthShare(int[] sorted) => Sum(sorted.TakeLast((sorted.Length + 9) / 10)) / Sum(sorted);

    private static double Sum(IEnumerable<int> counts) => counts.Sum(count => (double)count);
}
