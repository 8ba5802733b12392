using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedRec.Core.Learners.LinearAlgebra;

/// <summary>Sums of v·vᵀ over rows of a row-major table.</summary>
/// <remarks>A tile of 4 × 64 sums stays in registers while the rows stream through it. Rows are added in the order they are given
/// in, so the result is the same on every machine. Only the upper triangle is worked out.</remarks>
internal static class Gram
{
    private const int Lanes = VectorKernels.Lanes;
    private const int TileRows = 4;

    /// <summary>Adds the selected rows' products to the upper triangle of a matrix.</summary>
    /// <param name="table">Rows of <paramref name="dims"/> values.</param>
    /// <param name="dims">Values of a row, at least 1; 32 and 64 are fastest.</param>
    /// <param name="rows">Rows of the table to sum; a row may repeat.</param>
    /// <param name="gram">dims × dims, row-major; below the diagonal its content is undefined afterwards, see <see cref="Mirror"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a row lies outside the table.</exception>
    public static void AddUpper(ReadOnlySpan<float> table, int dims, ReadOnlySpan<int> rows, Span<float> gram)
    {
        ThrowUnlessSquare(gram.Length, dims);
        var last = (table.Length / dims) - 1;
        foreach (var row in rows)
        {
            if ((uint)row > (uint)last)
            {
                throw new ArgumentException($"Row {row} is not in a table of {last + 1} rows.", nameof(rows));
            }
        }

        AddTiles(ref MemoryMarshal.GetReference(table), dims, rows, rows.Length, ref MemoryMarshal.GetReference(gram));
    }

    /// <summary>Adds all rows' products to the upper triangle of a matrix.</summary>
    /// <param name="table">Rows of <paramref name="dims"/> values.</param>
    /// <param name="dims">Values of a row, at least 1.</param>
    /// <param name="gram">dims × dims, row-major; below the diagonal its content is undefined afterwards.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void AddUpper(ReadOnlySpan<float> table, int dims, Span<float> gram)
    {
        ThrowUnlessSquare(gram.Length, dims);
        AddTiles(ref MemoryMarshal.GetReference(table), dims, [], table.Length / dims, ref MemoryMarshal.GetReference(gram));
    }

    /// <summary>Copies the upper triangle to the lower one.</summary>
    public static void Mirror(Span<float> gram, int dims)
    {
        ThrowUnlessSquare(gram.Length, dims);
        for (var row = 1; row < dims; row++)
        {
            for (var column = 0; column < row; column++)
            {
                gram[(row * dims) + column] = gram[(column * dims) + row];
            }
        }
    }

    /// <summary>Walks the tiles on and above the diagonal; no rows given means the first <paramref name="count"/>.</summary>
    private static void AddTiles(ref float table, int dims, ReadOnlySpan<int> rows, int count, ref float gram)
    {
        for (var i = 0; i < dims; i += TileRows)
        {
            var column = i & ~(Lanes - 1);
            if (i + TileRows <= dims)
            {
                for (; column <= dims - (2 * Lanes); column += 2 * Lanes)
                {
                    AddWide(ref table, dims, rows, count, ref gram, i, column);
                }

                for (; column <= dims - Lanes; column += Lanes)
                {
                    AddNarrow(ref table, dims, rows, count, ref gram, i, column);
                }
            }

            if (column < dims)
            {
                AddRest(ref table, dims, rows, count, ref gram, i, column);
            }
        }
    }

    private static void AddWide(ref float table, int dims, ReadOnlySpan<int> rows, int count, ref float gram, int i, int column)
    {
        ref var target = ref Unsafe.Add(ref gram, (i * dims) + column);
        var (s00, s01) = (VectorKernels.Load(ref target, 0), VectorKernels.Load(ref target, Lanes));
        var (s10, s11) = (VectorKernels.Load(ref target, dims), VectorKernels.Load(ref target, dims + Lanes));
        var (s20, s21) = (VectorKernels.Load(ref target, 2 * dims), VectorKernels.Load(ref target, (2 * dims) + Lanes));
        var (s30, s31) = (VectorKernels.Load(ref target, 3 * dims), VectorKernels.Load(ref target, (3 * dims) + Lanes));
        for (var n = 0; n < count; n++)
        {
            ref var v = ref Row(ref table, dims, rows, n);
            var (left, right) = (VectorKernels.Load(ref v, column), VectorKernels.Load(ref v, column + Lanes));
            var (f0, f1) = (Vector512.Create(Unsafe.Add(ref v, i)), Vector512.Create(Unsafe.Add(ref v, i + 1)));
            var (f2, f3) = (Vector512.Create(Unsafe.Add(ref v, i + 2)), Vector512.Create(Unsafe.Add(ref v, i + 3)));
            (s00, s01) = (Vector512.FusedMultiplyAdd(f0, left, s00), Vector512.FusedMultiplyAdd(f0, right, s01));
            (s10, s11) = (Vector512.FusedMultiplyAdd(f1, left, s10), Vector512.FusedMultiplyAdd(f1, right, s11));
            (s20, s21) = (Vector512.FusedMultiplyAdd(f2, left, s20), Vector512.FusedMultiplyAdd(f2, right, s21));
            (s30, s31) = (Vector512.FusedMultiplyAdd(f3, left, s30), Vector512.FusedMultiplyAdd(f3, right, s31));
        }

        Store(ref target, s00, s01);
        Store(ref Unsafe.Add(ref target, dims), s10, s11);
        Store(ref Unsafe.Add(ref target, 2 * dims), s20, s21);
        Store(ref Unsafe.Add(ref target, 3 * dims), s30, s31);
    }

    private static void AddNarrow(ref float table, int dims, ReadOnlySpan<int> rows, int count, ref float gram, int i, int column)
    {
        ref var target = ref Unsafe.Add(ref gram, (i * dims) + column);
        var (s0, s1) = (VectorKernels.Load(ref target, 0), VectorKernels.Load(ref target, dims));
        var (s2, s3) = (VectorKernels.Load(ref target, 2 * dims), VectorKernels.Load(ref target, 3 * dims));
        for (var n = 0; n < count; n++)
        {
            ref var v = ref Row(ref table, dims, rows, n);
            var values = VectorKernels.Load(ref v, column);
            s0 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref v, i)), values, s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref v, i + 1)), values, s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref v, i + 2)), values, s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref v, i + 3)), values, s3);
        }

        s0.StoreUnsafe(ref target);
        s1.StoreUnsafe(ref target, (nuint)dims);
        s2.StoreUnsafe(ref target, (nuint)(2 * dims));
        s3.StoreUnsafe(ref target, (nuint)(3 * dims));
    }

    /// <summary>What no whole tile covers: columns after the last whole lanes, and rows after the last four.</summary>
    private static void AddRest(ref float table, int dims, ReadOnlySpan<int> rows, int count, ref float gram, int i, int from)
    {
        for (var n = 0; n < count; n++)
        {
            ref var v = ref Row(ref table, dims, rows, n);
            for (var row = i; row < Math.Min(i + TileRows, dims); row++)
            {
                var factor = Unsafe.Add(ref v, row);
                for (var column = Math.Max(from, row); column < dims; column++)
                {
                    ref var sum = ref Unsafe.Add(ref gram, (row * dims) + column);
                    sum = MathF.FusedMultiplyAdd(factor, Unsafe.Add(ref v, column), sum);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref float Row(ref float table, int dims, ReadOnlySpan<int> rows, int n) =>
        ref Unsafe.Add(ref table, (nint)dims * (rows.IsEmpty ? n : rows[n]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float target, Vector512<float> left, Vector512<float> right)
    {
        left.StoreUnsafe(ref target);
        right.StoreUnsafe(ref target, Lanes);
    }

    private static void ThrowUnlessSquare(int length, int dims)
    {
        if (dims < 1 || length != dims * dims)
        {
            throw new ArgumentException($"A Gram matrix of {length} values does not fit {dims} dimensions.");
        }
    }
}
