using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Bayesian personalised ranking: ln(1 + e⁻ᶻ) with z = own score − negative score, one term for each pair.</summary>
/// <remarks>Rendle et al. 2009, arXiv:1205.2618, §4. In a batch each own item is followed by the negatives it is paired with.</remarks>
internal sealed class PairwiseLoss : IBatchLoss
{
    private const float Settled = 100; // a margin without loss or slope in float32

    /// <inheritdoc/>
    public (double Total, double Terms) ToErrors(Span<float> scores, ReadOnlySpan<int> batch)
    {
        var pairs = ToMargins(scores, batch);
        ref var first = ref MemoryMarshal.GetReference(scores);
        var loss = Vector512<float>.Zero;
        for (var i = 0; i < scores.Length; i += VectorKernels.Lanes)
        {
            var (error, term) = LogLoss.Of(VectorKernels.Load(ref first, i));
            error.StoreUnsafe(ref first, (nuint)i);
            loss += term;
        }

        BalanceOwn(scores, batch);
        return (VectorKernels.Sum(loss), pairs);
    }

    private static int ToMargins(Span<float> scores, ReadOnlySpan<int> batch)
    {
        var (own, pairs) = (0f, 0);
        for (var i = 0; i < batch.Length; i++)
        {
            if ((batch[i] & 1) == 1)
            {
                (own, scores[i]) = (scores[i], Settled);
            }
            else
            {
                scores[i] = own - scores[i];
                pairs++;
            }
        }

        scores[batch.Length..].Fill(Settled);
        return pairs;
    }

    /// <summary>A negative's error is σ(−z); an own item's is minus the sum over its pairs.</summary>
    private static void BalanceOwn(Span<float> errors, ReadOnlySpan<int> batch)
    {
        var own = 0;
        for (var i = 0; i < batch.Length; i++)
        {
            if ((batch[i] & 1) == 1)
            {
                (own, errors[i]) = (i, 0);
            }
            else
            {
                errors[own] -= errors[i];
            }
        }
    }
}
