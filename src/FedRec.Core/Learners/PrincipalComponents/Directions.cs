using System.Runtime.InteropServices;
using FedRec.Core.Native;
using TorchSharp;

namespace FedRec.Core.Learners.PrincipalComponents;

/// <summary>What stands out of the noise in a symmetric matrix: its leading eigenvectors, each as much as it can be told from noise.</summary>
/// <remarks>Noise alone has eigenvalues up to e = 2·s·√n (Wigner's semicircle, s the standard deviation off the diagonal). An eigenvalue w above e comes from one of
/// θ = (w + √(w² − e²)) / 2 whose eigenvector the noise has turned, so that the squared cosine is 1 − (e/2θ)²; the matrix that is nearest to the one without noise keeps their product, and nothing of what is below
/// e (Gavish and Donoho 2017, arXiv:1405.7511; Benaych-Georges and Nadakuditi 2011, arXiv:0910.2120).</remarks>
internal static class Directions
{
    private const double Ridge = 0.5; // of e, beside which a direction counts in full

    /// <summary>Finds them.</summary>
    /// <param name="matrix">Symmetric, n × n, row-major.</param>
    /// <param name="deviation">s.</param>
    /// <returns>A row of as many numbers as there are directions for each row of the matrix: the products of two rows are the weights S·(S + λ)⁻¹ of a ridge regression on the denoised matrix S.</returns>
    public static float[] Find(double[] matrix, double deviation)
    {
        TorchLoader.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        var size = (int)Math.Sqrt(matrix.Length);
        var (found, basis) = torch.linalg.eigh(torch.from_array(matrix).reshape(size, size));
        var (values, vectors) = (Read(found), Read(basis)); // ascending
        var edge = 2 * deviation * Math.Sqrt(size);
        var first = Array.FindIndex(values, value => value > edge && value > 0);
        var rank = first < 0 ? 0 : size - first;
        var rows = new float[size * rank];
        for (var direction = 0; direction < rank; direction++)
        {
            var factor = Math.Sqrt(Gain(values[first + direction], edge));
            for (var row = 0; row < size; row++)
            {
                rows[(row * rank) + direction] = (float)(factor * vectors[(row * size) + first + direction]);
            }
        }

        return rows;
    }

    /// <summary>How much a direction counts in a score, in [0, 1).</summary>
    /// <param name="value">Its eigenvalue, above <paramref name="edge"/>.</param>
    /// <param name="edge">Where noise ends.</param>
    internal static double Gain(double value, double edge)
    {
        var signal = (value + Math.Sqrt((value * value) - (edge * edge))) / 2;
        var kept = signal * (1 - (edge * edge / (4 * signal * signal)));
        return kept / (kept + (Ridge * edge));
    }

    private static double[] Read(torch.Tensor tensor) => MemoryMarshal.Cast<byte, double>(tensor.contiguous().bytes).ToArray();
}
