namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Cross-entropy or the pairwise loss where own items count differently: an own item that counts 2 gives the loss and the slopes of two such examples.</summary>
/// <remarks>Plain loops, apart from the losses without weights, whose speed and bytes stay as they are. Not thread-safe.</remarks>
/// <param name="paired">Whether each own item is followed by the negatives it is paired with.</param>
internal sealed class WeightedLoss(bool paired) : IBatchLoss
{
    private float[] _bySlot = [];

    /// <summary>Says what the own item in a slot counts.</summary>
    public void Set(int slot, float weight)
    {
        if (_bySlot.Length <= slot)
        {
            Array.Resize(ref _bySlot, Math.Max(slot + 1, 2 * _bySlot.Length));
        }

        _bySlot[slot] = weight;
    }

    /// <summary>What the examples count together; pairs count as their own item does.</summary>
    public double Terms(ReadOnlySpan<int> batch)
    {
        var (terms, weight) = (0.0, 1.0);
        foreach (var example in batch)
        {
            var own = (example & 1) == 1;
            weight = own ? _bySlot[example >> 1] : paired ? weight : 1;
            terms += own && paired ? 0 : weight;
        }

        return terms;
    }

    /// <inheritdoc/>
    public (double Total, double Terms) ToErrors(Span<float> scores, ReadOnlySpan<int> batch) =>
        (paired ? Pairs(scores, batch) : Examples(scores, batch), Terms(batch));

    private double Examples(Span<float> scores, ReadOnlySpan<int> batch)
    {
        var total = 0.0;
        for (var i = 0; i < batch.Length; i++)
        {
            var own = (batch[i] & 1) == 1;
            var weight = own ? _bySlot[batch[i] >> 1] : 1;
            var (error, loss) = Of(own ? scores[i] : -scores[i]);
            scores[i] = (float)(weight * (own ? -error : error));
            total += weight * loss;
        }

        return total;
    }

    private double Pairs(Span<float> scores, ReadOnlySpan<int> batch)
    {
        var (total, own, ownScore, weight) = (0.0, 0, 0f, 0f);
        for (var i = 0; i < batch.Length; i++)
        {
            if ((batch[i] & 1) == 1)
            {
                (own, ownScore, weight, scores[i]) = (i, scores[i], _bySlot[batch[i] >> 1], 0);
                continue;
            }

            var (error, loss) = Of(ownScore - scores[i]);
            scores[i] = (float)(weight * error);
            scores[own] -= scores[i];
            total += weight * loss;
        }

        return total;
    }

    /// <summary>σ(−z), which is minus the slope, and ln(1 + e⁻ᶻ), without overflow on either side.</summary>
    private static (double Error, double Loss) Of(double z)
    {
        var t = Math.Exp(-Math.Abs(z)); // at most 1
        return ((z <= 0 ? 1 : t) / (1 + t), Math.Max(-z, 0) + Math.Log(1 + t));
    }
}
