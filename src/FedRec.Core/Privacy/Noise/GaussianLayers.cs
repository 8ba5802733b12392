using System.Numerics;

namespace FedRec.Core.Privacy.Noise;

/// <summary>256 layers of equal area, one above the other, that cover the curve exp(−x²/2σ²) over the whole numbers x ≥ 0 (Marsaglia and Tsang 2000).</summary>
/// <remarks>Layer i reaches from height y_i to y_i + A/w_i over the places 0 to w_i − 1, with exp(−w_i²/2σ²) ≤ y_i, so that nothing of the curve is outside; the last ends above 1. The first has a tail beside it: pieces of L places, each half as high as
/// the one before, with L·w ≥ σ²·ln 2 for what is left of it, so that the curve falls by half at least over each. All of the tail is as large as two such pieces at full height, so it counts as 2·L places. Whether the layers are good
/// decides how many points are drawn in vain, and nothing else.</remarks>
internal sealed class GaussianLayers
{
    /// <summary>Bits that choose a layer.</summary>
    public const int Bits = 8;

    /// <summary>Layers.</summary>
    public const int Count = 1 << Bits;

    private const long One = 1L << ExactExponential.Digits;
    private const int Searched = 14; // binary digits to which widths are searched for
    private readonly UInt128 _area;
    private readonly long _tail;
    private readonly long _piece;
    private readonly Layer[] _layers;

    private GaussianLayers(UInt128 area, long tail, long piece, Layer[] layers) => (_area, _tail, _piece, _layers) = (area, tail, piece, layers);

    /// <summary>A layer.</summary>
    /// <param name="Width">w: its places, with those of the tail.</param>
    /// <param name="Inner">Places that are below the curve for sure, at any height of the layer.</param>
    /// <param name="Surplus">2⁵⁵ modulo the width, times 2⁹.</param>
    /// <param name="Bottom">y, in units of 2⁻⁶², at most 256 too small.</param>
    /// <param name="Height">A/w, rounded down.</param>
    internal readonly record struct Layer(long Width, long Inner, ulong Surplus, long Bottom, long Height);

    /// <summary>A layer, from the bottom.</summary>
    public ref readonly Layer this[int layer] => ref _layers[layer];

    /// <summary>Covers a curve, with as small an area as is found.</summary>
    public static GaussianLayers Cover(ExactExponential curve, BigInteger numerator, BigInteger denominator)
    {
        var deviation = RootOf(numerator / denominator); // ⌊σ⌋
        UInt128 low = 0, high = (UInt128)(One / Count) * (UInt128)(3 * (deviation + 1));
        while (Stack(curve, numerator, denominator, (long)deviation, high) is null)
        {
            high *= 2;
        }

        for (var trial = 0; trial < 18; trial++)
        {
            var middle = (low + high) / 2;
            (low, high) = Stack(curve, numerator, denominator, (long)deviation, middle) is null ? (middle, high) : (low, middle);
        }

        return Stack(curve, numerator, denominator, (long)deviation, high)!.WithInner(curve);
    }

    /// <summary>Draws the piece of a point of the first layer.</summary>
    /// <param name="random">The source.</param>
    /// <param name="place">Evenly from the layer's places; then where the point is.</param>
    /// <returns>How many times its height is to be halved.</returns>
    public int Tail(RandomBits random, ref long place)
    {
        if (place < _tail + _piece)
        {
            return 0; // not in the tail, or in its first piece
        }

        var piece = 1;
        for (var zeros = 64; zeros == 64; piece += zeros)
        {
            zeros = BitOperations.TrailingZeroCount(random.Next());
        }

        place = checked(place + ((piece - 1) * _piece));
        return piece;
    }

    /// <summary>Where a layer begins and how high it is, to a number of binary digits: both rounded down, the first by fewer than as many units as there are layers below.</summary>
    public (BigInteger Bottom, BigInteger Height) Exactly(int layer, int digits)
    {
        var area = (BigInteger)_area << (digits - ExactExponential.Digits);
        var bottom = BigInteger.Zero;
        foreach (ref readonly var below in _layers.AsSpan(0, layer))
        {
            bottom += area / below.Width;
        }

        return (bottom, area / _layers[layer].Width);
    }

    // Layers of an area, or null when they end below 1.
    private static GaussianLayers? Stack(ExactExponential curve, BigInteger numerator, BigInteger denominator, long deviation, UInt128 area)
    {
        long PieceOf(long tail) => (long)(7 * numerator / (10 * denominator * tail)) + 1; // ln 2 < 7/10
        bool HasTail(long place) => (UInt128)(curve.Quick(place) + ExactExponential.Error) <= area / (UInt128)(place + (2 * PieceOf(place)));
        var tail = Turn(deviation + 1, 16 * (deviation + 1), HasTail).From;
        if (!HasTail(tail))
        {
            return null;
        }

        var (piece, bottom, width) = (PieceOf(tail), 0L, tail);
        var least = (long)(area >> (ExactExponential.Digits - 1)) + 1; // no layer is higher than 1/2
        var layers = new Layer[Count];
        for (var layer = 0; layer < Count; layer++)
        {
            width = layer == 0 ? width : bottom >= One ? least : Turn(least, Math.Max(least, width), place => curve.Quick(place) + ExactExponential.Error <= bottom).From;
            var places = layer == 0 ? width + (2 * piece) : width;
            var height = (long)(area / (UInt128)places);
            layers[layer] = new Layer(places, 0, (1ul << (63 - Bits)) % (ulong)places << (Bits + 1), bottom, height);
            bottom = Math.Min(bottom + height, One + (One / 2)); // higher is as good as that
        }

        return bottom < One ? null : new GaussianLayers(area, tail, piece, layers);
    }

    private GaussianLayers WithInner(ExactExponential curve)
    {
        for (var layer = 0; layer < Count; layer++)
        {
            var top = _layers[layer].Bottom + _layers[layer].Height + Count + 1;
            var (inner, _) = Turn(0, layer == 0 ? _tail : _layers[layer].Width, place => curve.Quick(place) - ExactExponential.Error < top);
            _layers[layer] = _layers[layer] with { Inner = inner };
        }

        return this;
    }

    // Where something begins to hold, but for some digits: the last place that is known before it, plus one, and the first of which it is known.
    private static (long After, long From) Turn(long first, long last, Func<long, bool> holds)
    {
        var step = (last - first) >> Searched;
        while (last - first > step)
        {
            var middle = first + ((last - first) / 2);
            (first, last) = holds(middle) ? (first, middle) : (middle + 1, last);
        }

        return (first, last);
    }

    private static BigInteger RootOf(BigInteger square)
    {
        var (low, high) = (BigInteger.Zero, DiscreteGaussian.LargestDeviation);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = middle * middle <= square ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}
