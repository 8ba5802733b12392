namespace FedRec.Core.Data;

/// <summary>How many interactions each user (or item) has.</summary>
/// <param name="Min">Fewest.</param>
/// <param name="Median">Half have at most this many.</param>
/// <param name="P90">Nine in ten have at most this many.</param>
/// <param name="Max">Most.</param>
public sealed record CountSummary(int Min, int Median, int P90, int Max)
{
    internal static CountSummary Of(int[] sorted) =>
        new(sorted[0], Quantile(sorted, 0.5), Quantile(sorted, 0.9), sorted[^1]);

    /// <summary>The smallest count that at least this share does not exceed.</summary>
    private static int Quantile(int[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
