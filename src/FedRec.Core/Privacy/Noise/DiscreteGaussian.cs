using System.Numerics;

namespace FedRec.Core.Privacy.Noise;

/// <summary>Whole-number noise with a normal shape, drawn exactly: P(x) is proportional to exp(−x² / 2σ²).</summary>
/// <remarks>Noise of floating-point numbers has gaps that tell what it was added to (Mironov 2012). Here no decision rests on one: all are made with whole numbers and random bits.
/// On sums of whole numbers it protects as much as the continuous normal distribution, and has no larger variance (Canonne, Kamath and Steinke 2020, arXiv:2004.00010).
/// A point is drawn evenly from what lies below the curve, and its place is the draw: from one of 256 layers that cover the curve (<see cref="GaussianLayers"/>; Marsaglia and Tsang 2000, for whole numbers Buchmann et al. 2013), again where it lies above. Nearly
/// all of a layer lies below for sure. Elsewhere 64 digits of the point's height decide, and where they are nearer to the curve than what these are known to, as many more digits of both as it takes.
/// How long a draw takes depends on its value; nobody outside should be able to time single draws.</remarks>
public sealed class DiscreteGaussian
{
    /// <summary>Largest σ, 2⁴⁸: what is drawn then fits a <see cref="long"/>, but for a chance below e^−10000.</summary>
    public static readonly BigInteger LargestDeviation = BigInteger.One << 48;

    private static DiscreteGaussian? s_last;
    private readonly (BigInteger Numerator, BigInteger Denominator) _variance;
    private readonly ExactExponential _curve;
    private readonly GaussianLayers _layers;
    private readonly long _unclear;

    /// <summary>Noise of a variance that is a fraction. Takes some milliseconds.</summary>
    /// <param name="numerator">Of σ², above 0.</param>
    /// <param name="denominator">Of σ², above 0; σ is at most <see cref="LargestDeviation"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variance is not above 0, or too large.</exception>
    public DiscreteGaussian(BigInteger numerator, BigInteger denominator)
        : this(numerator, denominator, 2 * ExactExponential.Error)
    {
    }

    /// <summary>As the other, with how near to the curve a height has to be for more digits to be worked out: what tests make larger.</summary>
    internal DiscreteGaussian(BigInteger numerator, BigInteger denominator, long unclear)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numerator);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(denominator);
        if (numerator > denominator * LargestDeviation * LargestDeviation)
        {
            throw new ArgumentOutOfRangeException(nameof(numerator), numerator, $"The standard deviation of whole-number noise must be at most {LargestDeviation}.");
        }

        (_variance, _unclear) = ((numerator, denominator), unclear);
        _curve = new ExactExponential(numerator, denominator);
        _layers = GaussianLayers.Cover(_curve, numerator, denominator);
    }

    /// <summary>Noise of a variance, which is set up once where the same is asked for again and again.</summary>
    /// <inheritdoc cref="DiscreteGaussian(BigInteger, BigInteger)"/>
    public static DiscreteGaussian Of(BigInteger numerator, BigInteger denominator)
    {
        var last = Volatile.Read(ref s_last);
        if (last is null || last._variance != (numerator, denominator))
        {
            last = new DiscreteGaussian(numerator, denominator);
            Volatile.Write(ref s_last, last);
        }

        return last;
    }

    /// <summary>One draw.</summary>
    /// <param name="random">The source; <see cref="RandomBits.Secure"/> but in tests.</param>
    public long Next(RandomBits random)
    {
        const ulong PlaceBits = ~0ul << (GaussianLayers.Bits + 1);
        while (true)
        {
            // 8 bits for the layer, one for the sign, 55 for the place.
            var bits = random.Next();
            ref readonly var layer = ref _layers[(int)(bits & (GaussianLayers.Count - 1))];
            var place = (long)Math.BigMul(bits & PlaceBits, (ulong)layer.Width, out var low);
            if (low < layer.Surplus || (place >= layer.Inner && !IsBelow(random, (int)(bits & (GaussianLayers.Count - 1)), ref place)))
            {
                continue; // some places would be favoured (Lemire 2019, arXiv:1805.10941), or above the curve
            }

            var isNegative = ((bits >> GaussianLayers.Bits) & 1) == 1;
            if (place > 0 || !isNegative) // zero is met once, not with either sign
            {
                return isNegative ? -place : place;
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

    // Draws a point's height, and in the tail its place.
    private bool IsBelow(RandomBits random, int layer, ref long place)
    {
        var halvings = layer == 0 ? _layers.Tail(random, ref place) : 0;
        var digits = random.Next();
        var height = _layers[layer].Bottom + ((long)Math.BigMul(digits, (ulong)_layers[layer].Height, out _) >> Math.Min(63, halvings));
        var above = _curve.Quick(place) - height;
        return Math.Abs(above) > _unclear ? above > 0 : IsBelow(random, layer, place, halvings, digits);
    }

    private bool IsBelow(RandomBits random, int layer, long place, int halvings, BigInteger digits)
    {
        for (var drawn = 64; ; drawn += 64)
        {
            var (curve, precision) = (_curve.Slow(place, drawn + 64), drawn + 64);
            var (bottom, height) = _layers.Exactly(layer, precision);
            if (bottom + layer + (((digits + 1) * (height + 1)) >> (drawn + halvings)) + 1 <= curve)
            {
                return true;
            }

            if (bottom + ((digits * height) >> (drawn + halvings)) >= curve + 2)
            {
                return false;
            }

            digits = (digits << 64) + random.Next();
        }
    }
}
