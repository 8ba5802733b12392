using System.Numerics;

namespace FedRec.Core.Aggregation;

/// <summary>A number that is too wide for one update value, as whole-number limbs that are summed exactly like all others.</summary>
/// <remarks>Sums of squares need more digits than a float32 update has. A number is rounded to 2⁻⁶⁴ and split into base-256 digits, all with
/// the number's sign. Each digit is exact in float32, and below what every client may add under any <see cref="SumScale"/>; so the sum of the
/// limbs is exactly the limbs of the sum, in any grouping and order.</remarks>
public static class WideNumber
{
    /// <summary>Values that one number takes in an update; magnitudes below 2¹²⁸ are carried.</summary>
    public const int Limbs = 24;

    private const int FractionBits = 64;
    private const int Base = 256;

    /// <summary>A number in steps of 2⁻⁶⁴; exact for whole numbers, and for every float32 of at least 2⁻⁴⁰ in magnitude.</summary>
    /// <param name="value">Finite.</param>
    public static BigInteger Of(double value) => double.IsFinite(value)
        ? new BigInteger(Math.Round(Math.ScaleB(value, FractionBits)))
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A summed number must be finite.");

    /// <summary>The nearest double to a number in steps of 2⁻⁶⁴.</summary>
    public static double ToDouble(BigInteger steps) => Math.ScaleB((double)steps, -FractionBits);

    /// <summary>Writes the digits.</summary>
    /// <param name="steps">In steps of 2⁻⁶⁴, below 2¹⁹² in magnitude.</param>
    /// <param name="limbs">Receives <see cref="Limbs"/> values, the lowest digit first.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number has more digits.</exception>
    public static void Write(BigInteger steps, Span<float> limbs)
    {
        var rest = BigInteger.Abs(steps);
        for (var i = 0; i < Limbs; i++)
        {
            (rest, var digit) = BigInteger.DivRem(rest, Base);
            limbs[i] = steps.Sign * (float)digit;
        }

        if (!rest.IsZero)
        {
            throw new ArgumentOutOfRangeException(nameof(steps), ToDouble(steps), "A summed number must be below 2^128 in magnitude.");
        }
    }

    /// <summary>Reads a sum of limbs that were added up with weight 1.</summary>
    /// <param name="sums">Encoded sums as in <see cref="FixedPointSum.Values"/>, <see cref="Limbs"/> of them.</param>
    /// <param name="bits">Fraction bits of the sums.</param>
    /// <returns>In steps of 2⁻⁶⁴.</returns>
    public static BigInteger Read(ReadOnlySpan<long> sums, int bits = FixedPoint.Bits)
    {
        var result = BigInteger.Zero;
        for (var i = Limbs - 1; i >= 0; i--)
        {
            result = (result * Base) + (sums[i] >> bits); // whole: digits have no fraction
        }

        return result;
    }
}
