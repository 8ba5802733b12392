using System.Numerics;

namespace FedRec.Core.Privacy.Noise;

/// <summary>exp(−x²/2σ²) in whole numbers: quickly to some fifty binary digits, and slowly to as many as are asked for.</summary>
/// <remarks>Nothing is rounded by the processor, so it comes out the same on every machine. The quick way reads the exponent off in pieces, as exp(−a − b − c) is a product of numbers that are kept in tables.</remarks>
internal sealed class ExactExponential
{
    /// <summary>Binary digits behind the point of <see cref="Quick"/>.</summary>
    public const int Digits = 62;

    /// <summary>More than what <see cref="Quick"/> is wrong by, in units of 2^−<see cref="Digits"/>.</summary>
    /// <remarks>Counted up, that is some 2⁸: the exponent, at most 45, is wrong by less than 2⁻⁵⁴; each factor and what is left of a series by less than 2⁻⁶⁰.</remarks>
    public const long Error = 1 << 12;

    private const int ExponentDigits = 56;
    private const int PieceDigits = 8;
    private const ulong Largest = 45ul << ExponentDigits; // e⁻⁴⁵ is below 2⁻⁶⁴
    private static readonly ulong[] s_wholes = Powers(0, 45);
    private static readonly ulong[][] s_pieces = [Powers(PieceDigits, 1 << PieceDigits), Powers(2 * PieceDigits, 1 << PieceDigits), Powers(3 * PieceDigits, 1 << PieceDigits)];

    private readonly BigInteger _numerator; // of 1/2σ²
    private readonly BigInteger _denominator;
    private readonly ulong _factor; // the first 63 or 64 digits of 1/2σ², in units of 2^−_shift
    private readonly int _shift;

    /// <summary>For one variance.</summary>
    /// <param name="numerator">Of σ², above 0.</param>
    /// <param name="denominator">Of σ², above 0.</param>
    public ExactExponential(BigInteger numerator, BigInteger denominator)
    {
        (_numerator, _denominator) = (denominator, 2 * numerator);
        _shift = 63 + (int)(_denominator.GetBitLength() - _numerator.GetBitLength());
        _factor = (ulong)(_shift >= 0 ? (_numerator << _shift) / _denominator : _numerator / (_denominator << -_shift));
    }

    /// <summary>exp(−x²/2σ²) in units of 2^−<see cref="Digits"/>, wrong by less than <see cref="Error"/>.</summary>
    /// <param name="x">At least 0.</param>
    public long Quick(long x)
    {
        var exponent = Exponent((ulong)x);
        if (exponent >= Largest)
        {
            return 0;
        }

        var product = s_wholes[exponent >> ExponentDigits];
        var rest = exponent << (64 - ExponentDigits);
        foreach (var powers in s_pieces)
        {
            product = Math.BigMul(product, powers[rest >> (64 - PieceDigits)], out _);
            rest <<= PieceDigits;
        }

        // What is left is r < 2⁻²⁴, and exp(−r) = 1 − r + r²/2, wrong by r³/6 < 2⁻⁷⁴.
        rest >>= 3 * PieceDigits;
        rest -= Math.BigMul(rest, rest, out _) / 2;
        return (long)((product - Math.BigMul(product, rest, out _)) >> (64 - Digits));
    }

    /// <summary>exp(−x²/2σ²) to a number of digits: at most that, and less than two units of the last digit below it.</summary>
    /// <param name="x">At least 0.</param>
    /// <param name="digits">Binary digits behind the point, at least 1.</param>
    public BigInteger Slow(long x, int digits)
    {
        var numerator = (BigInteger)x * x * _numerator;
        return numerator > _denominator * digits ? BigInteger.Zero : Power(numerator, _denominator, digits); // e^−digits is less than a unit
    }

    // e^−(numerator/denominator). The exponent is halved until it is at most 2⁻⁸, its series summed, and the sum squared as often. What that is wrong by, some digits for the terms and one for each square, is far less than a quarter of a unit.
    private static BigInteger Power(BigInteger numerator, BigInteger denominator, int digits)
    {
        var halvings = 8 + (int)((numerator / denominator) + 1).GetBitLength();
        var guards = (2 * halvings) + 16 + BitOperations.Log2((uint)digits);
        var guarded = digits + guards;
        var exponent = (numerator << guarded) / (denominator << halvings);
        var (sum, term) = (BigInteger.One << guarded, BigInteger.One << guarded);
        for (var k = 1; !term.IsZero; k++)
        {
            term = ((term * exponent) >> guarded) / k;
            sum += k % 2 == 1 ? -term : term;
        }

        for (var halving = 0; halving < halvings; halving++)
        {
            sum = (sum * sum) >> guarded;
        }

        return BigInteger.Max(0, (sum - (BigInteger.One << (guards - 2))) >> guards);
    }

    // x²/2σ² in units of 2⁻⁵⁶, or Largest. Of x² the first 64 digits do.
    private ulong Exponent(ulong x)
    {
        var square = (UInt128)x * x;
        var surplus = Math.Max(0, 64 - (int)UInt128.LeadingZeroCount(square));
        var product = (square >> surplus) * _factor;
        var shift = _shift - surplus - ExponentDigits;
        if (product == 0 || shift >= 128)
        {
            return 0;
        }

        if (shift < 0)
        {
            return shift <= -64 || product >= (Largest >> -shift) ? Largest : (ulong)product << -shift;
        }

        product >>= shift;
        return product >= Largest ? Largest : (ulong)product;
    }

    // exp(−k/2^digits) for k from 0 on, in units of 2⁻⁶⁴, in which 1 has no room.
    private static ulong[] Powers(int digits, int count) => [.. Enumerable.Range(0, count).Select(k => (ulong)Power(k, BigInteger.One << digits, 64))];
}
