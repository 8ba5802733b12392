using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FedRec.Core.Native;
using FedRec.Core.Snapshots;
using FedRec.Core.Updates;
using TorchSharp;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>Weights that are products of item vectors: B[i, j] = e_i·e_j · s_j for i ≠ j.</summary>
/// <param name="vectors">e, n × r, row-major.</param>
/// <param name="scales">s, n values.</param>
internal sealed class FactoredWeights(float[] vectors, float[] scales) : IItemWeights
{
    private const string Vectors = "item_vectors";
    private const string Scales = "item_scales";
    private const double Negligible = 1e-12; // of the largest eigenvalue: below it there is rounding, not signal
    private readonly int _rank = vectors.Length / scales.Length;

    /// <summary>Solves from a sketch.</summary>
    /// <param name="sketch">Y = G·S, n × k.</param>
    /// <param name="signs">S, n × k.</param>
    /// <param name="counts">The diagonal of G, n values.</param>
    /// <param name="penalties">λ of each item, all greater than 0.</param>
    /// <remarks>G ≈ F·Fᵀ + D with F = Y·(SᵀY)^(−1/2), which never exceeds G, and D what F leaves of the diagonal. Then with
    /// Λ = diag(λ) + D, by Woodbury, (G + diag(λ))⁻¹ = Λ⁻¹ − E·Eᵀ, where E = Λ⁻¹F·M^(−1/2) and M = I + FᵀΛ⁻¹F: k × k systems only. Torch
    /// multiplies matrices and finds eigenvectors; what goes number by number is plain C#.</remarks>
    public static FactoredWeights Solve(ReadOnlySpan<float> sketch, double[] signs, ReadOnlySpan<float> counts, ReadOnlySpan<double> penalties)
    {
        TorchLoader.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        var n = counts.Length;
        var y = Matrix(Array.ConvertAll(sketch.ToArray(), value => (double)value), n);
        var f = y.matmul(InverseRoot(ToArray(Matrix(signs, n).t().matmul(y)), diagonal: 0));
        var scaled = ToArray(f);
        var scale = new double[n]; // Λ⁻¹
        for (var row = 0; row < n; row++)
        {
            var own = scaled.AsSpan(row * (scaled.Length / n), scaled.Length / n);
            scale[row] = 1 / (penalties[row] + Math.Max(0, counts[row] - TensorPrimitives.SumOfSquares<double>(own)));
            TensorPrimitives.Multiply(own, scale[row], own);
        }

        var part = Matrix(scaled, n);
        var e = ToArray(part.matmul(InverseRoot(ToArray(f.t().matmul(part)), diagonal: 1)));
        var scales = scale.Select((inverse, row) =>
            (float)(1 / (inverse - TensorPrimitives.SumOfSquares<double>(e.AsSpan(row * (e.Length / n), e.Length / n)))));
        return new FactoredWeights(Array.ConvertAll(e, value => (float)value), [.. scales]);
    }

    /// <summary>Reads weights of so many items.</summary>
    /// <exception cref="InvalidDataException">They are of other items.</exception>
    public static FactoredWeights Read(ModelSnapshot snapshot, int items) =>
        snapshot.Layout.Blocks is [{ Name: Vectors } vectors, { Name: Scales, Length: var scales }] && vectors.Rows == items && scales == items
            ? new FactoredWeights(snapshot.Values[..vectors.Length].ToArray(), snapshot.Values[vectors.Length..].ToArray())
            : throw new InvalidDataException($"The weights are not those of a sketch of {items} items.");

    /// <inheritdoc/>
    public ModelSnapshot ToSnapshot() => new(Layout(vectors.Length, scales.Length), (float[])[.. vectors, .. scales]);

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<int> own, ReadOnlySpan<float> factors, Span<float> scores)
    {
        var sum = new float[_rank];
        for (var i = 0; i < own.Length; i++)
        {
            TensorPrimitives.MultiplyAdd(Vector(own[i]), factors.IsEmpty ? 1 : factors[i], sum, sum);
        }

        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = TensorPrimitives.Dot(sum, Vector(item)) * scales[item];
        }

        for (var i = 0; i < own.Length; i++)
        {
            var item = own[i];
            scores[item] -= (factors.IsEmpty ? 1 : factors[i]) * TensorPrimitives.Dot(Vector(item), Vector(item)) * scales[item]; // B has no diagonal
        }
    }

    /// <inheritdoc/>
    public float Weight(int own, int item) => own == item ? 0 : TensorPrimitives.Dot(Vector(own), Vector(item)) * scales[item];

    private static ParameterLayout Layout(int vectors, int items) =>
        new([new ParameterBlock(Vectors, items, vectors / items), new ParameterBlock(Scales, 1, items)]);

    private ReadOnlySpan<float> Vector(int item) => vectors.AsSpan(item * _rank, _rank);

    /// <summary>(C + diagonal·I)^(−1/2) on the part of the space where it is not zero; C is symmetric but for rounding.</summary>
    private static torch.Tensor InverseRoot(double[] c, double diagonal)
    {
        var size = (int)Math.Sqrt(c.Length);
        var (values, vectors) = torch.linalg.eigh(Matrix(Symmetric(c, size, diagonal), size));
        var (eigenvalues, basis) = (ToArray(values), ToArray(vectors)); // ascending
        var first = Array.FindIndex(eigenvalues, value => value > eigenvalues[^1] * Negligible);
        var root = new double[size * (size - first)];
        for (var row = 0; row < size; row++)
        {
            for (var column = first; column < size; column++)
            {
                root[(row * (size - first)) + column - first] = basis[(row * size) + column] / Math.Sqrt(eigenvalues[column]);
            }
        }

        return Matrix(root, size);
    }

    private static double[] Symmetric(double[] c, int size, double diagonal)
    {
        var symmetric = new double[c.Length];
        for (var i = 0; i < c.Length; i++)
        {
            var (row, column) = (i / size, i % size);
            symmetric[i] = ((c[i] + c[(column * size) + row]) / 2) + (row == column ? diagonal : 0);
        }

        return symmetric;
    }

    private static torch.Tensor Matrix(double[] values, int rows) => torch.from_array(values).reshape(rows, -1);

    private static double[] ToArray(torch.Tensor tensor) => MemoryMarshal.Cast<byte, double>(tensor.contiguous().bytes).ToArray();
}
