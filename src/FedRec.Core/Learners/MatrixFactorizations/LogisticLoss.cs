using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>The loss of one user's batch as a function of the scores of its examples.</summary>
internal interface IBatchLoss
{
    /// <summary>Replaces scores by the derivatives of the summed loss with respect to them.</summary>
    /// <param name="scores">One score for each example, then undefined values up to whole vector lanes, which may be overwritten.</param>
    /// <param name="batch">Examples: 2·slot, plus 1 for an own item; at least one.</param>
    /// <returns>The summed loss, and what its terms count together, above 0.</returns>
    (double Total, double Terms) ToErrors(Span<float> scores, ReadOnlySpan<int> batch);
}

/// <summary>ln(1 + e⁻ᶻ) and its slope for sixteen margins z at a time.</summary>
internal static class LogLoss
{
    /// <summary>Works both out without overflow on either side.</summary>
    /// <returns>σ(−z), which is minus the slope, and ln(1 + e⁻ᶻ).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Error, Vector512<float> Loss) Of(Vector512<float> z)
    {
        var t = Vector512.Exp(-Vector512.Abs(z)); // at most 1
        var one = Vector512<float>.One;
        var numerator = Vector512.ConditionalSelect(Vector512.LessThanOrEqual(z, Vector512<float>.Zero), one, t);
        return (numerator / (one + t), Vector512.Max(-z, Vector512<float>.Zero) + Vector512.Log(one + t));
    }
}

/// <summary>Binary cross-entropy: ln(1 + e⁻ᶻ), where z is the score of an own item and minus the score of a negative.</summary>
/// <remarks>One term for each example. Not thread-safe.</remarks>
internal sealed class LogisticLoss : IBatchLoss
{
    private int[] _signs = [];

    /// <inheritdoc/>
    public (double Total, double Terms) ToErrors(Span<float> scores, ReadOnlySpan<int> batch)
    {
        Prepare(scores, batch);
        ref var first = ref MemoryMarshal.GetReference(scores);
        ref var firstSign = ref MemoryMarshal.GetArrayDataReference(_signs);
        var loss = Vector512<float>.Zero;
        for (var i = 0; i < scores.Length; i += VectorKernels.Lanes)
        {
            var sign = Vector512.LoadUnsafe(ref firstSign, (nuint)i).AsSingle();
            var (error, term) = LogLoss.Of(-(VectorKernels.Load(ref first, i) ^ sign));
            (error ^ sign).StoreUnsafe(ref first, (nuint)i); // σ(ŷ) − 1 for own items, σ(ŷ) for negatives
            loss += term;
        }

        return (VectorKernels.Sum(loss), batch.Length);
    }

    /// <summary>The sign bit of each error; what comes after the batch is a negative far below zero, without loss or error.</summary>
    private void Prepare(Span<float> scores, ReadOnlySpan<int> batch)
    {
        if (_signs.Length < scores.Length)
        {
            _signs = new int[scores.Length];
        }

        for (var i = 0; i < batch.Length; i++)
        {
            _signs[i] = batch[i] << 31;
        }

        scores[batch.Length..].Fill(-100);
        _signs.AsSpan(batch.Length..scores.Length).Clear();
    }
}
