using TorchSharp;

namespace FedRec.Core.Learners.LinearAlgebra;

/// <summary>Inverts a symmetric positive definite matrix in its own memory, by halves.</summary>
/// <remarks>With blocks A, Bᵀ; B, C: T = B·A⁻¹, P₂₂ = (C − T·Bᵀ)⁻¹, P₂₁ = −P₂₂·T, P₁₁ = A⁻¹ − Tᵀ·P₂₁. Nearly all of it is matrix products, whose
/// rows are dealt to the cores in panels of a fixed height: the result is that of one core. LAPACK's potri needs a second matrix. Two idle cores take half to three quarters of the time of potrf and potri (FedRec.Benchmarks <c>--inverse</c>).</remarks>
internal static class SymmetricInverse
{
    private const int Leaf = 256;
    private const int Panel = 256;

    /// <summary>Bytes that inverting takes, with the matrix itself: a quarter of it for T, and a quarter of that for each half below.</summary>
    public static long Bytes(long size) => (size * size * sizeof(double) * 4 / 3) + (2L * Leaf * Leaf * sizeof(double));

    /// <summary>Inverts in place.</summary>
    /// <param name="matrix">n × n in double precision, of which the diagonal and what is below is read; receives the whole inverse.</param>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">The matrix is not positive definite.</exception>
    public static void Invert(torch.Tensor matrix)
    {
        var size = matrix.shape[0];
        if (size <= Leaf)
        {
            using var factor = torch.linalg.cholesky(matrix);
            using var inverse = factor.cholesky_inverse();
            matrix.copy_(inverse);
            return;
        }

        var half = size / 2;
        using var first = Block(matrix, 0, 0, half, half);
        using var cross = Block(matrix, half, 0, size - half, half);
        using var second = Block(matrix, half, half, size - half, size - half);
        using var transposed = cross.t();
        Invert(first);
        using (var product = torch.empty(size - half, half, torch.float64))
        using (var productTransposed = product.t())
        {
            Multiply(product, beta: 0, alpha: 1, cross, first);
            Multiply(second, beta: 1, alpha: -1, product, transposed);
            Invert(second);
            Multiply(cross, beta: 0, alpha: -1, second, product);
            Multiply(first, beta: 1, alpha: -1, productTransposed, cross);
        }

        using var mirror = Block(matrix, 0, half, half, size - half);
        mirror.copy_(transposed);
    }

    // target = beta·target + alpha·left·right
    private static void Multiply(torch.Tensor target, float beta, float alpha, torch.Tensor left, torch.Tensor right)
    {
        var rows = target.shape[0];
        Parallel.For(0, (int)((rows + Panel - 1) / Panel), panel =>
        {
            using var unrecorded = torch.no_grad(); // a setting of the thread
            var (from, height) = ((long)panel * Panel, Math.Min(Panel, rows - ((long)panel * Panel)));
            using var part = target.narrow(0, from, height);
            using var factor = left.narrow(0, from, height);
            part.addmm_(factor, right, beta: beta, alpha: alpha);
        });
    }

    private static torch.Tensor Block(torch.Tensor matrix, long row, long column, long rows, long columns)
    {
        using var band = matrix.narrow(0, row, rows);
        return band.narrow(1, column, columns);
    }
}
