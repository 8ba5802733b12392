using System.Numerics.Tensors;
using FedRec.Core.Models.LinearAlgebra;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>Derives a user's vector from the user's own items and the item factors, in closed form.</summary>
/// <remarks>This is why a client keeps no state: its private vector follows from its data and the current version. Scratch memory
/// is reused from call to call. Not thread-safe.</remarks>
internal sealed class FoldIn(MatrixFactorizationOptions options, int itemCount)
{
    private readonly int _dims = options.Dims;
    private readonly float[] _matrix = new float[options.Dims * options.Dims];
    private readonly float[] _vector = new float[options.Dims];
    private readonly float[] _ownSum = new float[options.Dims];
    private readonly float[] _otherSum = new float[options.Dims];

    /// <summary>Solves for the user vector.</summary>
    /// <param name="model">The version.</param>
    /// <param name="own">The user's items; none gives the zero vector.</param>
    /// <returns>u, dims values; valid until the next call.</returns>
    /// <exception cref="ArithmeticException">The item factors are not finite.</exception>
    public Span<float> Solve(MatrixFactorizationModel model, ReadOnlySpan<int> own)
    {
        var weights = FoldInWeights.For(options, own.Length, itemCount);
        Factor(model, own, weights);
        var table = model.Items.Span;
        Array.Clear(_vector);
        foreach (var item in own)
        {
            VectorKernels.AddScaled(table.Slice(item * _dims, _dims), (float)weights.Target, _vector);
        }

        VectorKernels.AddScaled(model.ItemSum, own.IsEmpty ? 0 : (float)-weights.Rest, _vector);
        CholeskySolver.Solve(_matrix, _dims, _vector);
        return _vector;
    }

    /// <summary>Splits the score of an item: it is vᵀA⁻¹b, and b is a sum over the user's own items (Hu et al. 2008, §5).</summary>
    /// <param name="model">The version.</param>
    /// <param name="own">The user's items.</param>
    /// <param name="item">The scored item.</param>
    /// <param name="parts">Receives one part per own item; they add up to the score.</param>
    public void Explain(MatrixFactorizationModel model, ReadOnlySpan<int> own, int item, Span<float> parts)
    {
        var weights = FoldInWeights.For(options, own.Length, itemCount);
        Factor(model, own, weights);
        var table = model.Items.Span;
        table.Slice(item * _dims, _dims).CopyTo(_vector);
        CholeskySolver.Solve(_matrix, _dims, _vector);
        var rest = weights.Rest * VectorKernels.Dot(model.ItemSum, _vector) / Math.Max(own.Length, 1); // each item brings its share of negatives
        for (var i = 0; i < own.Length; i++)
        {
            parts[i] = (float)((weights.Target * VectorKernels.Dot(table.Slice(own[i] * _dims, _dims), _vector)) - rest);
        }
    }

    /// <summary>Builds and factors A.</summary>
    private void Factor(MatrixFactorizationModel model, ReadOnlySpan<int> own, FoldInWeights weights)
    {
        Array.Clear(_matrix);
        Gram.AddUpper(model.Items.Span, _dims, own, _matrix);
        if (weights.Observed != 1)
        {
            TensorPrimitives.Multiply(_matrix, (float)weights.Observed, _matrix);
        }

        VectorKernels.AddScaled(model.Gram, (float)weights.All, _matrix);
        if (weights.Cross != 0)
        {
            SubtractCross(model, own, (float)weights.Cross);
        }

        for (var i = 0; i < _matrix.Length; i += _dims + 1)
        {
            _matrix[i] += (float)Math.Max(weights.Ridge, 1e-6); // a user without items has no ridge of its own
        }

        if (!CholeskySolver.TryFactor(_matrix, _dims))
        {
            throw new ArithmeticException("The fold-in has no solution: the item factors are not finite, or far too large.");
        }
    }

    private void SubtractCross(MatrixFactorizationModel model, ReadOnlySpan<int> own, float weight)
    {
        var table = model.Items.Span;
        Array.Clear(_ownSum);
        foreach (var item in own)
        {
            VectorKernels.AddScaled(table.Slice(item * _dims, _dims), 1, _ownSum);
        }

        model.ItemSum.CopyTo(_otherSum, 0);
        VectorKernels.AddScaled(_ownSum, -1, _otherSum);
        for (var i = 0; i < _dims; i++)
        {
            var row = _matrix.AsSpan(i * _dims, _dims);
            VectorKernels.AddScaled(_otherSum, -weight * _ownSum[i], row);
            VectorKernels.AddScaled(_ownSum, -weight * _otherSum[i], row);
        }
    }
}
