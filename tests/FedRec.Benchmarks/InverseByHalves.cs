using System.Globalization;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Native;
using TorchSharp;

namespace FedRec.Benchmarks;

/// <summary>Inverting what <c>ease</c> solves for by halves, against LAPACK's factorisation and inverse, on all cores.</summary>
internal static class InverseByHalves
{
    /// <summary>Prints medians of repetitions that take turns, and their ratio.</summary>
    public static void Run()
    {
        TorchLoader.EnsureLoaded();
        using var unrecorded = torch.no_grad();
        foreach (var size in new[] { 1_682, 4_000 })
        {
            using var draws = torch.rand(size, size, torch.float64, generator: new torch.Generator(1));
            using var transposed = draws.t();
            using var matrix = draws.mm(transposed);
            using var diagonal = torch.eye(size, size, torch.float64);
            matrix.add_(diagonal, (TorchSharp.Scalar)100);
            var measured = Harness.Compare([new Contender("by halves", _ => Halves(matrix)), new Contender("LAPACK", _ => Lapack(matrix))], repetitions: 5, clients: 1);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{size:N0} items: by halves {measured[0].Microseconds / 1e6:F2} s, LAPACK {measured[1].Microseconds / 1e6:F2} s, ratio {measured[0].Microseconds / measured[1].Microseconds:F2}"));
        }
    }

    private static void Halves(torch.Tensor matrix)
    {
        using var inverse = matrix.clone();
        SymmetricInverse.Invert(inverse);
    }

    private static void Lapack(torch.Tensor matrix)
    {
        torch.set_num_threads(Environment.ProcessorCount);
        using var factor = torch.linalg.cholesky(matrix);
        using var inverse = factor.cholesky_inverse();
        torch.set_num_threads(1);
    }
}
