using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FedRec.Core.Native;
using TorchSharp;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>A weight for each pair of items.</summary>
/// <param name="values">n × n, row-major: row i holds what own item i adds to each item.</param>
/// <param name="items">n.</param>
internal sealed class DenseWeights(float[] values, int items) : IItemWeights
{
    /// <summary>Steck 2019, arXiv:1905.03375, equation 8: P = (G + Λ)⁻¹, B = I − P·diag(1/P), in double precision.</summary>
    /// <param name="gram">G = XᵀX, n × n, row-major; overwritten.</param>
    /// <param name="items">n.</param>
    /// <param name="penalties">The diagonal of Λ, all greater than 0, so that G + Λ has an inverse.</param>
    public static DenseWeights Solve(double[] gram, int items, ReadOnlySpan<double> penalties)
    {
        for (var item = 0; item < items; item++)
        {
            gram[item * (items + 1L)] += penalties[item];
        }

        TorchLoader.EnsureLoaded();
        torch.set_num_threads(1); // the same order of additions whatever the machine; silos are parallel over clients already
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        var inverse = torch.linalg.cholesky(torch.from_array(gram).reshape(items, items)).cholesky_inverse();
        inverse.div_(inverse.diagonal().neg()); // neg() is a copy; column j is divided by −P[j, j]
        inverse.diagonal().zero_();
        var weights = inverse.to(torch.float32).contiguous();
        var values = new float[(long)items * items];
        MemoryMarshal.Cast<byte, float>(weights.bytes).CopyTo(values);
        return new DenseWeights(values, items);
    }

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<int> own, ReadOnlySpan<float> factors, Span<float> scores)
    {
        scores.Clear();
        for (var i = 0; i < own.Length; i++)
        {
            if (factors.IsEmpty)
            {
                TensorPrimitives.Add(scores, Row(own[i]), scores);
            }
            else if (factors[i] > 0)
            {
                TensorPrimitives.MultiplyAdd(Row(own[i]), factors[i], scores, scores);
            }
        }
    }

    /// <inheritdoc/>
    public float Weight(int own, int item) => Row(own)[item];

    private ReadOnlySpan<float> Row(int item) => MemoryMarshal.CreateReadOnlySpan(ref values[(long)item * items], items);
}
