using System.Numerics;

namespace FedRec.Core.Privacy.Noise;

/// <summary>Coins whose chance is a fraction, or e to the power of minus a fraction, exactly.</summary>
/// <remarks>A coin of chance n/d compares a random number in [0, 1) with n/d. Only 64 of its binary digits are drawn at first; they decide in all but one of 2⁶⁴ cases, and then
/// more are drawn. So every coin is exact, and nearly every one costs one draw.</remarks>
internal static class ExactChance
{
    private const int Digits = 64;

    /// <summary>True with chance <paramref name="numerator"/> / <paramref name="denominator"/>.</summary>
    /// <param name="random">The source.</param>
    /// <param name="numerator">At least 0; always true from the denominator on.</param>
    /// <param name="denominator">At least 1.</param>
    public static bool Fraction(RandomBits random, BigInteger numerator, BigInteger denominator)
    {
        while (true)
        {
            var expected = BigInteger.DivRem(numerator << Digits, denominator, out numerator);
            BigInteger drawn = random.Next();
            if (drawn != expected)
            {
                return drawn < expected;
            }
        }
    }

    /// <summary>True with chance exp(−<paramref name="numerator"/> / <paramref name="denominator"/>).</summary>
    /// <param name="random">The source.</param>
    /// <param name="numerator">At least 0.</param>
    /// <param name="denominator">At least 1.</param>
    /// <remarks>Canonne, Kamath and Steinke 2020, arXiv:2004.00010, Algorithm 1.</remarks>
    public static bool Exponential(RandomBits random, BigInteger numerator, BigInteger denominator)
    {
        for (; numerator > denominator; numerator -= denominator)
        {
            if (!AtMostOne(random, BigInteger.One, BigInteger.One))
            {
                return false; // on average after 1.6 rounds, whatever the exponent
            }
        }

        return AtMostOne(random, numerator, denominator);
    }

    // The chance that coins of γ, γ/2, γ/3 … first fall wrongly at an odd place is Σ (−γ)ᵏ/k!.
    private static bool AtMostOne(RandomBits random, BigInteger numerator, BigInteger denominator)
    {
        // The first digits of γ are worked out once: a number u decides for γ/k where k·u is clearly above or below them.
        var head = (UInt128)((numerator << Digits) / denominator);
        for (var k = 1u; ; k++)
        {
            var low = (UInt128)random.Next() * k;
            var isBelow = low + k <= head;
            if (!isBelow && low <= head)
            {
                isBelow = Refined(random, low, k, numerator, denominator);
            }

            if (!isBelow)
            {
                return k % 2 == 1;
            }
        }
    }

    // k·(u + the digits not yet drawn) against γ·2⁶⁴.
    private static bool Refined(RandomBits random, UInt128 low, uint k, BigInteger numerator, BigInteger denominator)
    {
        var missing = (numerator << Digits) - (low * denominator);
        return missing > 0 && Fraction(random, missing, denominator * k);
    }
}
