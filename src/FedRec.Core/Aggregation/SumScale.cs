using System.Globalization;

namespace FedRec.Core.Aggregation;

/// <summary>How finely and how largely values are summed in 64 bits, so that no sum of as many clients as are planned can wrap.</summary>
/// <remarks>Every client may add as much as the largest whole number divided by the clients, and no more than the vector kernels encode
/// exactly; so the sum is exact, whatever they send. The usual 32 fraction bits are given up only where a plan needs larger values
/// than they leave room for.</remarks>
public sealed class SumScale
{
    /// <summary>What every client may add under every plan, unless a learner needs more: 2,048.</summary>
    public const double LeastLimit = 1 << 11;

    /// <summary>Largest magnitude that a plan can ask for: 2^24, above which float32 no longer holds every whole number.</summary>
    public const double MostLimit = 1 << 24;

    private const long LargestEncoded = 1L << 50; // the vector kernels encode it exactly, with room to spare

    /// <summary>A given number of fraction bits.</summary>
    /// <param name="bits">A value x is carried as <c>round(x · 2^bits)</c>.</param>
    /// <param name="clients">Most clients that may be in one sum, at least 1.</param>
    public SumScale(int bits, int clients)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clients, 1);
        (Bits, Clients, Limit) = (bits, clients, Math.ScaleB(Math.Min(LargestEncoded, long.MaxValue / clients), -bits));
    }

    /// <summary>32 bits, and values up to 262,144 of up to 8,191 clients.</summary>
    public static SumScale Usual { get; } = new(FixedPoint.Bits, (1 << 13) - 1);

    /// <summary>Fraction bits.</summary>
    public int Bits { get; }

    /// <summary>Most clients that may be in one sum.</summary>
    public int Clients { get; }

    /// <summary>Largest magnitude that one client may add in one place.</summary>
    public double Limit { get; }

    /// <summary>The scale of a plan: the usual bits where they leave enough room, otherwise as many as do.</summary>
    /// <param name="clients">Most clients that may be in one sum, at least 1.</param>
    /// <param name="largest">What one client must be able to add, at most <see cref="MostLimit"/>. Default: <see cref="LeastLimit"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">No client, or too large a value.</exception>
    public static SumScale For(int clients, double largest = LeastLimit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(largest, MostLimit);
        var scale = new SumScale(FixedPoint.Bits, clients);
        while (scale.Limit < largest)
        {
            scale = new SumScale(scale.Bits - 1, clients);
        }

        return scale;
    }

    /// <summary>Whether a client can count as much: not so little that it is encoded as zero, as a mean divides by the sum of weights.</summary>
    public bool IsWeight(double weight) => weight is > 0 && weight <= Limit && Encode(weight) > 0;

    /// <summary>Encodes one value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, or larger than <see cref="Limit"/> in magnitude.</exception>
    public long Encode(double value) => Math.Abs(value) <= Limit
        ? FixedPoint.Round(value * (1L << Bits))
        : throw new ArgumentOutOfRangeException(nameof(value), value, string.Create(CultureInfo.InvariantCulture, $"An update must be finite and at most {Limit} in magnitude."));

    /// <summary>Decodes a value or a sum of values.</summary>
    public double Decode(long value) => value / (double)(1L << Bits);
}
