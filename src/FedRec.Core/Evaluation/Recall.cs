namespace FedRec.Core.Evaluation;

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
