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

    private const double Scale = 1L << Bits;
    private const double Magic = 6755399441055744.0; // 1.5 · 2^52
    private static readonly long s_magicBits = BitConverter.DoubleToInt64Bits(Magic);

    /// <summary>Encodes one value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, or larger than <see cref="Limit"/> in magnitude.</exception>
    public static long Encode(double value) => Math.Abs(value) <= Limit
        ? Round(value * Scale)
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"An update must be finite and at most {Limit} in magnitude.");

    /// <summary>Decodes a value or a sum of values.</summary>
    public static double Decode(long value) => value / Scale;

    /// <summary>Tells whether every value times the weight can be encoded; false for NaN and infinities.</summary>
    /// <param name="values">Any values.</param>
    /// <param name="weight">Finite and greater than 0.</param>
    /// <param name="limit">Largest magnitude of a product.</param>
    public static bool InRange(ReadOnlySpan<float> values, double weight, double limit = Limit)
    {
        var bound = Bound(limit / weight);
        var limits = new Vector<float>(bound);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (ref readonly var vector in vectors)
        {
            if (!Vector.LessThanOrEqualAll(Vector.Abs(vector), limits))
            {
                return false;
            }
        }

        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(ReadOnlySpan<float> values, double weight, Span<long> sums, int bits = Bits)
    {
        if (sums.Length != values.Length)
        {
            throw new ArgumentException($"{values.Length} values do not fit {sums.Length} sums.", nameof(sums));
        }

        var factor = weight * (1L << bits);
        var vectorFactor = Vector256.Create(factor);
        var vectorMagic = Vector256.Create(Magic);
        var vectorBits = Vector256.Create(s_magicBits);
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var target = ref MemoryMarshal.GetReference(sums);
        var i = 0;
        for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref source, (nuint)i));
            var a = ((low * vectorFactor) + vectorMagic).AsInt64() - vectorBits;
            var b = ((high * vectorFactor) + vectorMagic).AsInt64() - vectorBits;
            (Vector256.LoadUnsafe(ref target, (nuint)i) + a).StoreUnsafe(ref target, (nuint)i);
            (Vector256.LoadUnsafe(ref target, (nuint)(i + 4)) + b).StoreUnsafe(ref target, (nuint)(i + 4));
        }

        for (; i < values.Length; i++)
        {
            sums[i] += BitConverter.DoubleToInt64Bits((values[i] * factor) + Magic) - s_magicBits;
        }
    }
    /// <summary>The nearest whole number, to even; for magnitudes up to 2^51.</summary>
    internal static long Round(double value) => BitConverter.DoubleToInt64Bits(value + Magic) - s_magicBits;

    // Never above the limit: a bound that was rounded up would let a value pass that is encoded above it. Finite: infinity is in no range.
    private static float Bound(double limit)
    {
        var bound = (float)Math.Min(limit, float.MaxValue);
        return bound > limit ? MathF.BitDecrement(bound) : bound;
    }
}
