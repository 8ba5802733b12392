namespace FedRec.Core.Evaluation;

/// <summary>Normalised discounted cumulative gain: held-out items count 1 / log₂(rank + 1), divided by the best possible sum.</summary>
/// <remarks>Järvelin and Kekäläinen 2002. The expectation is linear, so each held-out item counts with the mean discount of its block.</remarks>
internal sealed class Ndcg : IRankingMetric
{
    private static readonly double[] s_sums = SumDiscounts(RankingMetrics.MaxCutoff);

    public string Name => "ndcg";

    public double Value(ReadOnlySpan<TieBlock> blocks, int relevant, int cutoff)
    {
        var gain = 0.0;
        foreach (var block in blocks)
        {
            var (first, last) = (Math.Min(block.Above, cutoff), Math.Min(block.Above + block.Size, cutoff));
            gain += block.Relevant * (s_sums[last] - s_sums[first]) / block.Size;
        }

        return gain / s_sums[Math.Min(relevant, cutoff)];
    }

    /// <summary>At n: the discounts of the ranks 1 … n.</summary>
    private static double[] SumDiscounts(int ranks)
    {
        var sums = new double[ranks + 1];
        for (var rank = 1; rank <= ranks; rank++)
        {
            sums[rank] = sums[rank - 1] + (1 / Math.Log2(rank + 1));
        }

        return sums;
    }
}
