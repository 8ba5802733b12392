using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Learners.MatrixFactorizations;

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
    private float[] _counts = [];

    /// <summary>Solves for the user vector.</summary>
    /// <param name="model">The version.</param>
    /// <param name="own">The user's items; none gives the zero vector.</param>
    /// <param name="counts">What each of <paramref name="own"/> counts, at least 0; empty when each counts 1.</param>
    /// <returns>u, dims values; valid until the next call.</returns>
    /// <exception cref="ArithmeticException">The item factors are not finite.</exception>
    public Span<float> Solve(MatrixFactorizationModel model, ReadOnlySpan<int> own, ReadOnlySpan<float> counts = default)
    {
        counts = ExampleWeights.Shorten(counts);
        var weights = WeightsOf(own, counts);
        Factor(model, own, counts, weights);
        var table = model.Items.Span;
        Array.Clear(_vector);
        for (var i = 0; i < own.Length; i++)
        {
            VectorKernels.AddScaled(table.Slice(own[i] * _dims, _dims), Target(weights, counts, i), _vector);
        }

        VectorKernels.AddScaled(model.ItemSum, own.IsEmpty ? 0 : (float)-weights.Rest, _vector);
        CholeskySolver.Solve(_matrix, _dims, _vector);
        return _vector;
    }

    /// <summary>Solves for the user vector that scores: there, the newer items count more (<see cref="MatrixFactorizationOptions.Recency"/>).</summary>
    /// <returns>u, dims values; valid until the next call.</returns>
    /// <exception cref="ArithmeticException">The item factors are not finite.</exception>
    public Span<float> SolveToScore(MatrixFactorizationModel model, UserHistory history) => Solve(model, history.Items, Recency.Counts(history, options.Recency, ref _counts));

    /// <summary>Splits the score of an item: it is vᵀA⁻¹b, and b is a sum over the user's own items (Hu et al. 2008, §5).</summary>
    /// <param name="model">The version.</param>
    /// <param name="history">The user's items, and what they count.</param>
    /// <param name="item">The scored item.</param>
    /// <param name="parts">Receives one part per own item; they add up to the score.</param>
    public void Explain(MatrixFactorizationModel model, UserHistory history, int item, Span<float> parts)
    {
        var own = history.Items;
        var counts = ExampleWeights.Shorten(Recency.Counts(history, options.Recency, ref _counts));
        var weights = WeightsOf(own, counts);
        Factor(model, own, counts, weights);
        var table = model.Items.Span;
        table.Slice(item * _dims, _dims).CopyTo(_vector);
        CholeskySolver.Solve(_matrix, _dims, _vector);
        var rest = weights.Rest * VectorKernels.Dot(model.ItemSum, _vector) / Math.Max(own.Length, 1); // each item brings its share of negatives
        for (var i = 0; i < own.Length; i++)
        {
            parts[i] = (float)(((weights.Target + Extra(weights.Pull, counts, i)) * VectorKernels.Dot(table.Slice(own[i] * _dims, _dims), _vector)) - rest);
        }
    }

    private FoldInWeights WeightsOf(ReadOnlySpan<int> own, ReadOnlySpan<float> counts) =>
        FoldInWeights.For(options, own.Length, ExampleWeights.Total(own.Length, counts), itemCount);

    /// <summary>What an item adds to a coefficient because it counts other than 1.</summary>
    private static double Extra(double coefficient, ReadOnlySpan<float> counts, int i) => counts.IsEmpty ? 0 : coefficient * (counts[i] - 1);

    private static float Target(FoldInWeights weights, ReadOnlySpan<float> counts, int i) => (float)(weights.Target + Extra(weights.Pull, counts, i));

    /// <summary>Builds and factors A.</summary>
    private void Factor(MatrixFactorizationModel model, ReadOnlySpan<int> own, ReadOnlySpan<float> counts, FoldInWeights weights)
    {
        Array.Clear(_matrix);
        Gram.AddUpper(model.Items.Span, _dims, own, _matrix);
        if (weights.Observed != 1)
        {
            TensorPrimitives.Multiply(_matrix, (float)weights.Observed, _matrix);
        }

        AddExtra(model, own, counts);
        VectorKernels.AddScaled(model.Gram, (float)weights.All, _matrix);
        if (weights.Cross != 0)
        {
            SubtractCross(model, own, counts, (float)weights.Cross);
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

    /// <summary>Adds (w − 1)·v·vᵀ of each own item that counts w.</summary>
    private void AddExtra(MatrixFactorizationModel model, ReadOnlySpan<int> own, ReadOnlySpan<float> counts)
    {
        for (var n = 0; n < counts.Length; n++)
        {
            var factors = model.Items.Span.Slice(own[n] * _dims, _dims);
            for (var i = 0; i < _dims; i++)
            {
                VectorKernels.AddScaled(factors, (counts[n] - 1) * factors[i], _matrix.AsSpan(i * _dims, _dims));
            }
        }
    }

    private void SubtractCross(MatrixFactorizationModel model, ReadOnlySpan<int> own, ReadOnlySpan<float> counts, float weight)
    {
        var table = model.Items.Span;
        Array.Clear(_ownSum);
        foreach (var item in own)
        {
            VectorKernels.AddScaled(table.Slice(item * _dims, _dims), 1, _ownSum);
        }

        model.ItemSum.CopyTo(_otherSum, 0);
        VectorKernels.AddScaled(_ownSum, -1, _otherSum);
        for (var n = 0; n < counts.Length; n++) // the other items stay the same, but the own ones count w
        {
            VectorKernels.AddScaled(table.Slice(own[n] * _dims, _dims), counts[n] - 1, _ownSum);
        }

        for (var i = 0; i < _dims; i++)
        {
            var row = _matrix.AsSpan(i * _dims, _dims);
            VectorKernels.AddScaled(_otherSum, -weight * _ownSum[i], row);
            VectorKernels.AddScaled(_ownSum, -weight * _otherSum[i], row);
        }
    }
}
