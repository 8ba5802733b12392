using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedRec.Core.Learners.LinearAlgebra;

/// <summary>Solves A·x = b for a symmetric positive definite A in the caller's memory, without allocating.</summary>
/// <remarks>A = UᵀU, row by row: a row of U is finished in registers from the rows above it (Golub and Van Loan 2013, §4.2), so that
/// every access runs along a row. Cost: order³/6 multiply-adds for the factor and order² for each solution.</remarks>
internal static class CholeskySolver
{
    private const int Lanes = VectorKernels.Lanes;

    /// <summary>Replaces A by its factor U.</summary>
    /// <param name="matrix">A, order × order, row-major; only its upper triangle is read, the lower one becomes scratch.</param>
    /// <param name="order">Rows of A, at least 1; meant for up to 256.</param>
    /// <returns>False when A is not positive definite (or not finite) in float32; the content is then of no use.</returns>
    /// <exception cref="ArgumentException"><paramref name="matrix"/> is not of length order².</exception>
    public static bool TryFactor(Span<float> matrix, int order)
    {
        ThrowUnlessSquare(matrix.Length, order);
        ref var a = ref MemoryMarshal.GetReference(matrix);
        for (var row = 0; row < order; row++)
        {
            Eliminate(ref a, row, order);
            ref var first = ref Unsafe.Add(ref a, row * order);
            var pivot = Unsafe.Add(ref first, row);
            if (!(pivot > 0) || !float.IsFinite(pivot))
            {
                return false;
            }

            Scale(ref first, row, order, 1 / MathF.Sqrt(pivot));
        }

        return true;
    }

    /// <summary>Solves for one right-hand side.</summary>
    /// <param name="factor">What <see cref="TryFactor"/> left.</param>
    /// <param name="order">Rows of the matrix.</param>
    /// <param name="vector">b on entry, x on return; of length <paramref name="order"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public static void Solve(ReadOnlySpan<float> factor, int order, Span<float> vector)
    {
        ThrowUnlessSquare(factor.Length, order);
        if (vector.Length != order)
        {
            throw new ArgumentException($"A right-hand side of {vector.Length} values does not fit order {order}.", nameof(vector));
        }

        ref var u = ref MemoryMarshal.GetReference(factor);
        ref var x = ref MemoryMarshal.GetReference(vector);
        for (var row = 0; row < order; row++) // Uᵀ·y = b
        {
            ref var diagonal = ref Unsafe.Add(ref u, (row * order) + row);
            var value = Unsafe.Add(ref x, row) /= diagonal;
            VectorKernels.AddScaled(ref Unsafe.Add(ref diagonal, 1), -value, ref Unsafe.Add(ref x, row + 1), order - row - 1);
        }

        for (var row = order - 1; row >= 0; row--) // U·x = y
        {
            ref var diagonal = ref Unsafe.Add(ref u, (row * order) + row);
            var known = VectorKernels.Dot(ref Unsafe.Add(ref diagonal, 1), ref Unsafe.Add(ref x, row + 1), order - row - 1);
            ref var value = ref Unsafe.Add(ref x, row);
            value = (value - known) / diagonal;
        }
    }

    /// <summary>Takes the rows above out of one row, from its diagonal on.</summary>
    private static void Eliminate(ref float a, int row, int order)
    {
        var column = row & ~(Lanes - 1); // whole lanes: the few values left of the diagonal are scratch
        for (; column <= order - (4 * Lanes); column += 4 * Lanes)
        {
            EliminateFour(ref a, row, column, order);
        }

        for (; column <= order - Lanes; column += Lanes)
        {
            EliminateOne(ref a, row, column, order);
        }

        for (; column < order; column++)
        {
            EliminateTail(ref a, row, column, order);
        }
    }

    private static void EliminateFour(ref float a, int row, int column, int order)
    {
        ref var target = ref Unsafe.Add(ref a, (row * order) + column);
        var (r0, r1) = (VectorKernels.Load(ref target, 0), VectorKernels.Load(ref target, Lanes));
        var (r2, r3) = (VectorKernels.Load(ref target, 2 * Lanes), VectorKernels.Load(ref target, 3 * Lanes));
        for (var above = 0; above < row; above++)
        {
            ref var source = ref Unsafe.Add(ref a, (above * order) + column);
            var factor = Vector512.Create(-Unsafe.Add(ref a, (above * order) + row));
            r0 = Vector512.FusedMultiplyAdd(factor, VectorKernels.Load(ref source, 0), r0);
            r1 = Vector512.FusedMultiplyAdd(factor, VectorKernels.Load(ref source, Lanes), r1);
            r2 = Vector512.FusedMultiplyAdd(factor, VectorKernels.Load(ref source, 2 * Lanes), r2);
            r3 = Vector512.FusedMultiplyAdd(factor, VectorKernels.Load(ref source, 3 * Lanes), r3);
        }

        r0.StoreUnsafe(ref target);
        r1.StoreUnsafe(ref target, Lanes);
        r2.StoreUnsafe(ref target, 2 * Lanes);
        r3.StoreUnsafe(ref target, 3 * Lanes);
    }

    private static void EliminateOne(ref float a, int row, int column, int order)
    {
        ref var target = ref Unsafe.Add(ref a, (row * order) + column);
        var even = VectorKernels.Load(ref target, 0);
        var odd = Vector512<float>.Zero; // two chains: the additions of one would wait for each other
        var above = 0;
        for (; above < row - 1; above += 2)
        {
            ref var source = ref Unsafe.Add(ref a, above * order);
            even = Vector512.FusedMultiplyAdd(Vector512.Create(-Unsafe.Add(ref source, row)), VectorKernels.Load(ref source, column), even);
            odd = Vector512.FusedMultiplyAdd(Vector512.Create(-Unsafe.Add(ref source, order + row)), VectorKernels.Load(ref source, order + column), odd);
        }

        if (above < row)
        {
            ref var source = ref Unsafe.Add(ref a, above * order);
            even = Vector512.FusedMultiplyAdd(Vector512.Create(-Unsafe.Add(ref source, row)), VectorKernels.Load(ref source, column), even);
        }

        (even + odd).StoreUnsafe(ref target);
    }

    private static void EliminateTail(ref float a, int row, int column, int order)
    {
        var value = Unsafe.Add(ref a, (row * order) + column);
        for (var above = 0; above < row; above++)
        {
            ref var source = ref Unsafe.Add(ref a, above * order);
            value = MathF.FusedMultiplyAdd(-Unsafe.Add(ref source, row), Unsafe.Add(ref source, column), value);
        }

        Unsafe.Add(ref a, (row * order) + column) = value;
    }

    private static void Scale(ref float row, int from, int order, float factor)
    {
        for (var column = from; column < order; column++)
        {
            Unsafe.Add(ref row, column) *= factor;
        }
    }

    private static void ThrowUnlessSquare(int length, int order)
    {
        if (order < 1 || length != order * order)
        {
            throw new ArgumentException($"A matrix of {length} values is not of order {order}.");
        }
    }
}
