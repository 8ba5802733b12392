using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FedRec.Core.Learners.LinearAlgebra;

/// <summary>The inner loops of the closed-form learners.</summary>
/// <remarks>They work in sixteen fixed lanes with explicit fused multiply-adds and a fixed order of summation, so that a result
/// does not depend on how wide the processor's vectors are: one model hash on every machine, at full speed on each.</remarks>
internal static class VectorKernels
{
    /// <summary>Lanes of one step.</summary>
    public const int Lanes = 16;

    /// <summary>The scalar product of two vectors of equal length.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ThrowUnlessEqual(a.Length, b.Length);
        return Dot(ref MemoryMarshal.GetReference(a), ref MemoryMarshal.GetReference(b), a.Length);
    }

    /// <summary>The scalar products of one vector with the rows of a table; each bit for bit that of <see cref="Dot(ReadOnlySpan{float}, ReadOnlySpan{float})"/>.</summary>
    /// <param name="rows">Rows, one after the other, as long as the vector each.</param>
    /// <param name="vector">The vector, of at least one value.</param>
    /// <param name="products">Receives one product per row.</param>
    /// <exception cref="ArgumentException">The rows are not as many as the products.</exception>
    public static void Products(ReadOnlySpan<float> rows, ReadOnlySpan<float> vector, Span<float> products)
    {
        var length = vector.Length;
        ThrowUnlessEqual(rows.Length, length * products.Length);
        ref var row = ref MemoryMarshal.GetReference(rows);
        ref var shared = ref MemoryMarshal.GetReference(vector);
        var done = 0;
        if (Avx512F.IsSupported)
        {
            for (; done <= products.Length - Lanes; done += Lanes)
            {
                SixteenProducts(ref Unsafe.Add(ref row, done * length), ref shared, length, ref products[done]);
            }
        }

        for (; done < products.Length; done++)
        {
            products[done] = Dot(ref Unsafe.Add(ref row, done * length), ref shared, length);
        }
    }

    /// <summary>The sum of some values.</summary>
    public static float Sum(ReadOnlySpan<float> values)
    {
        ref var first = ref MemoryMarshal.GetReference(values);
        var sums = Vector512<float>.Zero;
        var i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            sums += Load(ref first, i);
        }

        var sum = Sum(sums);
        for (; i < values.Length; i++)
        {
            sum += values[i];
        }

        return sum;
    }

    /// <summary>The square of the distance between two vectors of equal length.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ThrowUnlessEqual(a.Length, b.Length);
        Span<float> difference = a.Length <= 1024 ? stackalloc float[a.Length] : new float[a.Length];
        System.Numerics.Tensors.TensorPrimitives.Subtract(a, b, difference);
        return Dot(difference, difference);
    }

    /// <summary>Adds <paramref name="factor"/> times one vector to another of equal length.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddScaled(ReadOnlySpan<float> values, float factor, Span<float> target)
    {
        ThrowUnlessEqual(values.Length, target.Length);
        AddScaled(ref MemoryMarshal.GetReference(values), factor, ref MemoryMarshal.GetReference(target), values.Length);
    }

    /// <summary>The scalar product of <paramref name="length"/> values from two places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(ref float a, ref float b, int length)
    {
        var sums = Vector512<float>.Zero;
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            sums = Vector512.FusedMultiplyAdd(Load(ref a, i), Load(ref b, i), sums);
        }

        var sum = Sum(sums);
        for (; i < length; i++)
        {
            sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref a, i), Unsafe.Add(ref b, i), sum);
        }

        return sum;
    }

    /// <summary>Adds <paramref name="factor"/> times <paramref name="length"/> values to as many others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(ref float values, float factor, ref float target, int length)
    {
        var factors = Vector512.Create(factor);
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Vector512.FusedMultiplyAdd(factors, Load(ref values, i), Load(ref target, i)).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < length; i++)
        {
            ref var value = ref Unsafe.Add(ref target, i);
            value = MathF.FusedMultiplyAdd(factor, Unsafe.Add(ref values, i), value);
        }
    }

    /// <summary>Adds four vectors, each times its factor, one after the other, to as many values: those are read and written once and not four times.</summary>
    /// <remarks>Each product is rounded before it is added, so that the sum is bit for bit that of four times <see cref="System.Numerics.Tensors.TensorPrimitives"/>'
    /// <c>MultiplyAdd</c>.</remarks>
    public static void AddFour(ref float a, ref float b, ref float c, ref float d, Vector128<float> factors, ref float target, int length)
    {
        var (byA, byB, byC, byD) = (Vector512.Create(factors[0]), Vector512.Create(factors[1]), Vector512.Create(factors[2]), Vector512.Create(factors[3]));
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            var sum = (Load(ref a, i) * byA) + Load(ref target, i);
            sum = (Load(ref b, i) * byB) + sum;
            sum = (Load(ref c, i) * byC) + sum;
            sum = (Load(ref d, i) * byD) + sum;
            sum.StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < length; i++)
        {
            ref var value = ref Unsafe.Add(ref target, i);
            value = (Unsafe.Add(ref a, i) * factors[0]) + value;
            value = (Unsafe.Add(ref b, i) * factors[1]) + value;
            value = (Unsafe.Add(ref c, i) * factors[2]) + value;
            value = (Unsafe.Add(ref d, i) * factors[3]) + value;
        }
    }

    /// <summary>Copies a short vector in place, without the call that a block copy is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ref float values, ref float target, int length)
    {
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Load(ref values, i).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref target, i) = Unsafe.Add(ref values, i);
        }
    }

    /// <summary>Sums the lanes in one fixed order: halves are added until one is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> lanes)
    {
        var eight = lanes.GetLower() + lanes.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.GetElement(0) + two.GetElement(1);
    }

    /// <summary>Sixteen values from a place on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref float source, int offset) => Vector512.LoadUnsafe(ref source, (nuint)offset);

    // The lanes of sixteen products are summed together, in the order of Sum: half of the work of a short product is the sum of its lanes. The rows are taken in such an
    // order that the last step has them in theirs.
    private static void SixteenProducts(ref float rows, ref float vector, int length, ref float products)
    {
        var a = Eights(ref rows, ref vector, length, 0, 4);
        var b = Eights(ref rows, ref vector, length, 8, 12);
        var c = Eights(ref rows, ref vector, length, 1, 5);
        var d = Eights(ref rows, ref vector, length, 9, 13);
        var first = Twos(Fours(a, b), Fours(c, d));
        a = Eights(ref rows, ref vector, length, 2, 6);
        b = Eights(ref rows, ref vector, length, 10, 14);
        c = Eights(ref rows, ref vector, length, 3, 7);
        d = Eights(ref rows, ref vector, length, 11, 15);
        var second = Twos(Fours(a, b), Fours(c, d));
        (Avx512F.Shuffle(first, second, 0b10_00_10_00) + Avx512F.Shuffle(first, second, 0b11_01_11_01)).StoreUnsafe(ref products);
        for (var row = 0; row < Lanes && length % Lanes > 0; row++)
        {
            ref var sum = ref Unsafe.Add(ref products, row);
            for (var i = length - (length % Lanes); i < length; i++)
            {
                sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref rows, (row * length) + i), Unsafe.Add(ref vector, i), sum);
            }
        }
    }

    // Products of two rows in sixteen lanes each, of which the lower and the upper half are added.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Eights(ref float rows, ref float vector, int length, int one, int other)
    {
        ref var x = ref Unsafe.Add(ref rows, one * length);
        ref var y = ref Unsafe.Add(ref rows, other * length);
        var (first, second) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i <= length - Lanes; i += Lanes)
        {
            var shared = Load(ref vector, i);
            first = Vector512.FusedMultiplyAdd(Load(ref x, i), shared, first);
            second = Vector512.FusedMultiplyAdd(Load(ref y, i), shared, second);
        }

        return Avx512F.Shuffle4x128(first, second, 0b01_00_01_00) + Avx512F.Shuffle4x128(first, second, 0b11_10_11_10);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Fours(Vector512<float> x, Vector512<float> y) => Avx512F.Shuffle4x128(x, y, 0b10_00_10_00) + Avx512F.Shuffle4x128(x, y, 0b11_01_11_01);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Twos(Vector512<float> x, Vector512<float> y) => Avx512F.Shuffle(x, y, 0b01_00_01_00) + Avx512F.Shuffle(x, y, 0b11_10_11_10);

    private static void ThrowUnlessEqual(int left, int right)
    {
        if (left != right)
        {
            throw new ArgumentException($"Vectors of {left} and {right} values do not fit together.");
        }
    }
}
