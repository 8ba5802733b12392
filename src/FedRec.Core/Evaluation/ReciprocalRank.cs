namespace FedRec.Core.Evaluation;

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
