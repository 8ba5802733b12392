namespace FedRec.Core.Evaluation;

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
