using System.Numerics;

namespace FedRec.Core.Privacy.Noise;

/// <summary>Whole-number noise with a normal shape, drawn exactly: P(x) is proportional to exp(−x² / 2σ²).</summary>
/// <remarks>Noise of floating-point numbers has gaps that tell what it was added to (Mironov 2012). Here no decision rests on one: all are made with whole numbers and random bits.
/// On sums of whole numbers it protects as much as the continuous normal distribution, and has no larger variance (Canonne, Kamath and Steinke 2020, arXiv:2004.00010, Algorithms 1 to 3).
/// How long a draw takes depends on its value; nobody outside should be able to time single draws.</remarks>
public sealed class DiscreteGaussian
{
    /// <summary>Largest σ, 2⁴⁸: what is drawn then fits a <see cref="long"/>, but for a chance below e^−10000.</summary>
    public static readonly BigInteger LargestDeviation = BigInteger.One << 48;

    private readonly BigInteger _numerator;
    private readonly ulong _scale;
    private readonly BigInteger _steps;
    private readonly BigInteger _whole;

    /// <summary>Noise of a variance that is a fraction.</summary>
    /// <param name="numerator">Of σ², above 0.</param>
    /// <param name="denominator">Of σ², above 0; σ is at most <see cref="LargestDeviation"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variance is not above 0, or too large.</exception>
    public DiscreteGaussian(BigInteger numerator, BigInteger denominator)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numerator);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(denominator);
        if (numerator > denominator * LargestDeviation * LargestDeviation)
        {
            throw new ArgumentOutOfRangeException(nameof(numerator), numerator, $"The standard deviation of whole-number noise must be at most {LargestDeviation}.");
        }

        _numerator = numerator;
        _scale = RootOf(numerator / denominator) + 1; // ⌊σ⌋ + 1
        _steps = denominator * _scale;
        _whole = 2 * numerator * denominator * _scale * _scale;
    }

    /// <summary>One draw.</summary>
    /// <param name="random">The source; <see cref="RandomBits.Secure"/> but in tests.</param>
    public long Next(RandomBits random)
    {
        while (true)
        {
            var drawn = NextLaplace(random);

            // exp(−(|y| − σ²/t)² / 2σ²) with σ² = a/b: the exponent is (|y|·b·t − a)² / (2·a·b·t²).
            var distance = (Math.Abs(drawn) * _steps) - _numerator;
            if (ExactChance.Exponential(random, distance * distance, _whole))
            {
                return drawn;
            }
        }
    }

    /// <summary>Fills a span with independent draws.</summary>
    public void Fill(RandomBits random, Span<long> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Next(random);
        }
    }

    // P(y) is proportional to exp(−|y|/t), Algorithm 2 with s = 1: |y| = u + t·v, of which u and v are drawn by themselves.
    private long NextLaplace(RandomBits random)
    {
        while (true)
        {
            var u = random.Below(_scale);
            if (!ExactChance.Exponential(random, u, _scale))
            {
                continue;
            }

            var v = 0ul;
            while (ExactChance.Exponential(random, BigInteger.One, BigInteger.One))
            {
                v++;
            }

            var size = checked((long)(u + (_scale * v)));
            var isNegative = random.Next() >> 63 == 1;
            if (size > 0 || !isNegative) // zero is met once, not with either sign
            {
                return isNegative ? -size : size;
            }
        }
    }

    private static ulong RootOf(BigInteger square)
    {
        var (low, high) = (BigInteger.Zero, LargestDeviation);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = middle * middle <= square ? (middle, high) : (low, middle - 1);
        }

        return (ulong)low;
    }
}
