using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedRec.Core.Aggregation;

/// <summary>Whole-number arithmetic for sums: x is carried as <c>round(x · 2^Bits)</c> in 64 bits.</summary>
/// <remarks>Integer addition is associative, so any grouping over silos, any arrival order and any restart gives the same
/// bytes; and masks of secure aggregation cancel exactly in the same ring. Rounding is to nearest even, the same in the
/// vector and the scalar path: adding 1.5 · 2^52 leaves the integer in the low mantissa bits of the double.</remarks>
public static class FixedPoint
{
    /// <summary>Fraction bits where nothing else is planned, see <see cref="SumScale"/>: a resolution of 2.3e-10.</summary>
    public const int Bits = 32;

    /// <summary>Largest magnitude that may be encoded with that many bits: 2^18.</summary>
    public const double Limit = 1 << 18;

    private const double One = 1L << Bits;
    private const double Magic = 6755399441055744.0; // 1.5 · 2^52
    private const long MagicBits = 0x4338_0000_0000_0000; // of 1.5 · 2^52

    /// <summary>Encodes one value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, or larger than <see cref="Limit"/> in magnitude.</exception>
    public static long Encode(double value) => Math.Abs(value) <= Limit
        ? Round(value * One)
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"An update must be finite and at most {Limit} in magnitude.");

    /// <summary>Decodes a value or a sum of values.</summary>
    public static double Decode(long value) => value / One;

    /// <summary>Tells whether every value times the weight can be encoded; false for NaN and infinities.</summary>
    /// <param name="values">Any values.</param>
    /// <param name="weight">Finite and greater than 0.</param>
    /// <param name="limit">Largest magnitude of a product.</param>
    public static bool InRange(ReadOnlySpan<float> values, double weight, double limit = Limit)
    {
        var bound = Bound(limit / weight);
        var limits = new Vector<float>(bound);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var i = 0;
        for (; i <= vectors.Length - 4; i += 4) // one branch for four: a value out of range is the exception
        {
            var left = Vector.LessThanOrEqual(Vector.Abs(vectors[i]), limits) & Vector.LessThanOrEqual(Vector.Abs(vectors[i + 1]), limits);
            var right = Vector.LessThanOrEqual(Vector.Abs(vectors[i + 2]), limits) & Vector.LessThanOrEqual(Vector.Abs(vectors[i + 3]), limits);
            if (Vector.EqualsAny(left & right, Vector<int>.Zero))
            {
                return false;
            }
        }

        foreach (var value in values[(i * Vector<float>.Count)..])
        {
            if (!(MathF.Abs(value) <= bound))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Tells whether two sums can be added without leaving 64 bits.</summary>
    public static bool CanAdd(ReadOnlySpan<long> sums, ReadOnlySpan<long> others)
    {
        var left = MemoryMarshal.Cast<long, Vector<long>>(sums);
        var right = MemoryMarshal.Cast<long, Vector<long>>(others);
        var signs = Vector<long>.Zero; // the sum's sign differs from both: it has wrapped
        for (var i = 0; i < left.Length; i++)
        {
            var sum = left[i] + right[i];
            signs |= (sum ^ left[i]) & (sum ^ right[i]);
        }

        var wrapped = Vector.LessThanAny(signs, Vector<long>.Zero);
        for (var i = left.Length * Vector<long>.Count; i < sums.Length; i++)
        {
            var sum = unchecked(sums[i] + others[i]);
            wrapped |= ((sum ^ sums[i]) & (sum ^ others[i])) < 0;
        }

        return !wrapped;
    }

    /// <summary>Adds <c>round(weight · value · 2^bits)</c> to each sum.</summary>
    /// <param name="values">Values for which <see cref="InRange"/> holds.</param>
    /// <param name="weight">Finite and greater than 0.</param>
    /// <param name="sums">Same length as <paramref name="values"/>.</param>
    /// <param name="bits">Fraction bits.</param>
    public static void Accumulate(ReadOnlySpan<float> values, double weight, Span<long> sums, int bits = Bits) =>
        Accumulate(values, [0], [0, values.Length], weight, sums.Length == values.Length ? sums
            : throw new ArgumentException($"{values.Length} values do not fit {sums.Length} sums.", nameof(sums)), bits);

    /// <summary>Adds <c>round(weight · value · 2^bits)</c> to the sums of some segments.</summary>
    /// <param name="values">Values for which <see cref="InRange"/> holds, segment after segment.</param>
    /// <param name="offsets">Where each segment stands in the sums.</param>
    /// <param name="starts">Where each segment begins in the values, and where the last one ends.</param>
    /// <param name="weight">Finite and greater than 0.</param>
    /// <param name="sums">Every segment is in it.</param>
    /// <param name="bits">Fraction bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Accumulate(ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<int> starts, double weight, Span<long> sums, int bits)
    {
        var factor = weight * (1L << bits);
        for (var segment = 0; segment < offsets.Length; segment++)
        {
            var (start, length) = (starts[segment], starts[segment + 1] - starts[segment]);
            Add(ref MemoryMarshal.GetReference(values.Slice(start, length)), ref MemoryMarshal.GetReference(sums.Slice(offsets[segment], length)), length, factor);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref readonly float source, ref long target, int length, double factor)
    {
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var (low, high) = Vector512.Widen(Vector512.LoadUnsafe(in source, (nuint)i));
                var a = ((low * factor) + Vector512.Create(Magic)).AsInt64() - Vector512.Create(MagicBits);
                var b = ((high * factor) + Vector512.Create(Magic)).AsInt64() - Vector512.Create(MagicBits);
                (Vector512.LoadUnsafe(ref target, (nuint)i) + a).StoreUnsafe(ref target, (nuint)i);
                (Vector512.LoadUnsafe(ref target, (nuint)(i + 8)) + b).StoreUnsafe(ref target, (nuint)(i + 8));
            }
        }

        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(in source, (nuint)i));
            var a = ((low * factor) + Vector256.Create(Magic)).AsInt64() - Vector256.Create(MagicBits);
            var b = ((high * factor) + Vector256.Create(Magic)).AsInt64() - Vector256.Create(MagicBits);
            (Vector256.LoadUnsafe(ref target, (nuint)i) + a).StoreUnsafe(ref target, (nuint)i);
            (Vector256.LoadUnsafe(ref target, (nuint)(i + 4)) + b).StoreUnsafe(ref target, (nuint)(i + 4));
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref target, i) += Round(Unsafe.Add(ref Unsafe.AsRef(in source), i) * factor);
        }
    }

    /// <summary>Multiplies whole numbers, the nearest double of each.</summary>
    /// <param name="sums">Whole numbers.</param>
    /// <param name="factor">Finite.</param>
    /// <param name="results">As many; each product's nearest float.</param>
    internal static void Scale(ReadOnlySpan<long> sums, double factor, Span<float> results)
    {
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= results.Length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var low = Vector512.ConvertToDouble(Vector512.Create(sums[i..])) * factor;
                var high = Vector512.ConvertToDouble(Vector512.Create(sums[(i + 8)..])) * factor;
                Vector512.Narrow(low, high).CopyTo(results[i..]);
            }
        }

        for (; i < results.Length; i++)
        {
            results[i] = (float)(sums[i] * factor);
        }
    }

    /// <summary>The nearest whole number, to even; for magnitudes up to 2^51.</summary>
    internal static long Round(double value) => BitConverter.DoubleToInt64Bits(value + Magic) - MagicBits;

    // Never above the limit: a bound that was rounded up would let a value pass that is encoded above it. Finite: infinity is in no range.
    private static float Bound(double limit)
    {
        var bound = (float)Math.Min(limit, float.MaxValue);
        return bound > limit ? MathF.BitDecrement(bound) : bound;
    }
}
