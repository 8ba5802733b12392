using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FedRec.Core.Native;
using TorchSharp;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>Weights that are products of item vectors: B[i, j] = e_i·e_j · s_j for i ≠ j.</summary>
/// <param name="vectors">e, n × r, row-major.</param>
/// <param name="scales">s, n values.</param>
internal sealed class FactoredWeights(float[] vectors, float[] scales) : IItemWeights
{
    private const double Negligible = 1e-12; // of the largest eigenvalue: below it there is rounding, not signal
    private readonly int _rank = vectors.Length / scales.Length;

    /// <summary>Solves from a sketch.</summary>
    /// <param name="sketch">Y = G·S, n × k.</param>
    /// <param name="signs">S, n × k.</param>
    /// <param name="counts">The diagonal of G, n values.</param>
    /// <param name="lambda">λ, greater than 0.</param>
    /// <remarks>G ≈ F·Fᵀ + D with F = Y·(SᵀY)^(−1/2), which never exceeds G, and D what F leaves of the diagonal. Then with
    /// Λ = λ + D, by Woodbury, (G + λI)⁻¹ = Λ⁻¹ − E·Eᵀ, where E = Λ⁻¹F·M^(−1/2) and M = I + FᵀΛ⁻¹F: k × k systems only.</remarks>
    public static FactoredWeights Solve(ReadOnlySpan<float> sketch, double[] signs, ReadOnlySpan<float> counts, double lambda)
    {
        TorchLoader.EnsureLoaded();
        torch.set_num_threads(1);
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        var n = counts.Length;
        var s = torch.from_array(signs).reshape(n, -1);
        var y = torch.from_array(sketch.ToArray()).to(torch.float64).reshape(n, -1);
        var f = y.matmul(InverseRoot(s.t().matmul(y)));
        var diagonal = torch.from_array(counts.ToArray()).to(torch.float64);
        var scale = (diagonal - f.pow(2).sum(1)).clamp_(min: 0).add_(lambda).reciprocal_(); // Λ⁻¹
        var scaled = f * scale.unsqueeze(1);
        var m = f.t().matmul(scaled);
        m.diagonal().add_(1);
        var e = scaled.matmul(InverseRoot(m));
        return new FactoredWeights(ToArray(e), ToArray((scale - e.pow(2).sum(1)).reciprocal()));
    }

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<int> own, Span<float> scores)
    {
        var sum = new float[_rank];
        foreach (var item in own)
        {
            TensorPrimitives.Add(sum, Vector(item), sum);
        }

        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = TensorPrimitives.Dot(sum, Vector(item)) * scales[item];
        }

        foreach (var item in own)
        {
            scores[item] -= TensorPrimitives.Dot(Vector(item), Vector(item)) * scales[item]; // B has no diagonal
        }
    }

    /// <inheritdoc/>
    public float Weight(int own, int item) => own == item ? 0 : TensorPrimitives.Dot(Vector(own), Vector(item)) * scales[item];

    private ReadOnlySpan<float> Vector(int item) => vectors.AsSpan(item * _rank, _rank);

    /// <summary>C^(−1/2) on the part of the space where C is not zero; C is symmetric and has no negative eigenvalue but by rounding.</summary>
    private static torch.Tensor InverseRoot(torch.Tensor c)
    {
        var (values, vectors) = torch.linalg.eigh((c + c.t()) / 2);
        var kept = values > values.max() * Negligible;
        return vectors.index_select(1, kept.nonzero().flatten()) * values.masked_select(kept).rsqrt();
    }

    private static float[] ToArray(torch.Tensor tensor) =>
        MemoryMarshal.Cast<byte, float>(tensor.to(torch.float32).contiguous().bytes).ToArray();
}
