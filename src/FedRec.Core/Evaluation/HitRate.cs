namespace FedRec.Core.Evaluation;

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
