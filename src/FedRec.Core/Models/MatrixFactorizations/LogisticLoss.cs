using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedRec.Core.Models.LinearAlgebra;

namespace FedRec.Core.Models.MatrixFactorizations;

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
