namespace FedRec.Core.Evaluation.Metrics;

/// <summary>The quality of one user's ranking, as its expectation over all orders of tied candidates.</summary>
/// <remarks>Any fixed order of ties is a choice somebody can game: constant scores would rank by item number.</remarks>
public interface IRankingMetric
{
    /// <summary>The name in results, such as <c>ndcg</c>; a cutoff is added as <c>ndcg@10</c>.</summary>
    string Name { get; }

    /// <summary>The metric at a cutoff.</summary>
    /// <param name="blocks">The blocks of the held-out items, best first; at least one.</param>
    /// <param name="relevant">Held-out items, at least 1.</param>
    /// <param name="cutoff">K, at least 1.</param>
    /// <returns>In [0, 1].</returns>
    double Value(ReadOnlySpan<TieBlock> blocks, int relevant, int cutoff);
}

/// <summary>The metrics every evaluation works out.</summary>
public static class RankingMetrics
{
    /// <summary>Largest value of K.</summary>
    public const int MaxCutoff = 1_000;

    /// <summary>Hit rate, NDCG, recall, reciprocal rank and average precision: those that depend on a cutoff and the held-out items' ranks.</summary>
    public static IReadOnlyList<IRankingMetric> All { get; } = [new HitRate(), new Ndcg(), new Recall(), new ReciprocalRank(), new MeanAveragePrecision()];

    /// <summary>The cutoffs results are compared at.</summary>
    public static IReadOnlyList<int> DefaultCutoffs { get; } = [5, 10, 20];
}

/// <summary>Whether any held-out item is among the first K.</summary>
internal sealed class HitRate : IRankingMetric
{
    public string Name => "hr";

    public double Value(ReadOnlySpan<TieBlock> blocks, int relevant, int cutoff)
    {
        // Only the best block matters: a block below it is in reach only if the best one lies within the cutoff as a whole.
        var best = blocks[0];
        return 1 - FirstRelevant.ChanceToMiss(best, cutoff - best.Above);
    }
}

/// <summary>The share of the held-out items among the first K.</summary>
internal sealed class Recall : IRankingMetric
{
    public string Name => "recall";

    public double Value(ReadOnlySpan<TieBlock> blocks, int relevant, int cutoff)
    {
        var found = 0.0;
        foreach (var block in blocks)
        {
            found += block.Relevant * (double)Math.Clamp(cutoff - block.Above, 0, block.Size) / block.Size;
        }

        return found / relevant;
    }
}

/// <summary>One over the rank of the first held-out item, or 0 beyond K.</summary>
internal sealed class ReciprocalRank : IRankingMetric
{
    public string Name => "mrr";

    public double Value(ReadOnlySpan<TieBlock> blocks, int relevant, int cutoff)
    {
        var best = blocks[0]; // see HitRate: no other block can hold the first held-out item
        var (value, miss) = (0.0, 1.0);
        for (var place = 0; place < Math.Min(cutoff - best.Above, best.Size) && miss > 0; place++)
        {
            var chance = FirstRelevant.ChanceAt(best, place);
            value += miss * chance / (best.Above + place + 1);
            miss *= 1 - chance;
        }

        return value;
    }
}

/// <summary>The precision at the rank of each held-out item, summed up to rank K and divided by the most there could be.</summary>
/// <remarks>AP@K = Σ_k precision(k) · [item k is held out] / min(held out, K). With a single held-out item it is the
/// reciprocal rank.</remarks>
internal sealed class MeanAveragePrecision : IRankingMetric
{
    public string Name => "map";

    public double Value(ReadOnlySpan<TieBlock> blocks, int relevant, int cutoff)
    {
        var (sum, found) = (0.0, 0);
        foreach (var block in blocks)
        {
            // A place holds a held-out item with chance r / n; then (r − 1) / (n − 1) of the places before it in the block do too.
            var more = block.Size == 1 ? 0 : (block.Relevant - 1.0) / (block.Size - 1);
            for (var place = 0; place < Math.Min(cutoff - block.Above, block.Size); place++)
            {
                sum += (double)block.Relevant / block.Size * (found + 1 + (place * more)) / (block.Above + place + 1);
            }

            found += block.Relevant;
        }

        return sum / Math.Min(relevant, cutoff);
    }
}

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

/// <summary>Where the first held-out item of a block of ties lands when the block is put in random order.</summary>
internal static class FirstRelevant
{
    /// <summary>The chance that none of the first <paramref name="places"/> places of the block is taken by a held-out item.</summary>
    public static double ChanceToMiss(TieBlock block, int places)
    {
        var miss = 1.0;
        for (var place = 0; place < Math.Min(places, block.Size) && miss > 0; place++)
        {
            miss *= 1 - ChanceAt(block, place);
        }

        return miss;
    }

    /// <summary>The chance of a held-out item at a place of the block, from 0, when none stands before it.</summary>
    public static double ChanceAt(TieBlock block, int place) => Math.Min(1.0, (double)block.Relevant / (block.Size - place));
}
