using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Splits a secret so that a threshold of shares gives it back and fewer tell nothing (Shamir 1979), byte by byte over GF(2^8) with the polynomial 0x11b of AES.</summary>
/// <remarks>What is done depends on the points only, which everybody knows, and not on secrets or shares: no table is read at a secret place, no branch taken by a secret.</remarks>
internal static class ShamirSharing
{
    /// <summary>Most shares of one secret: the points other than zero.</summary>
    public const int MostShares = 255;

    private const byte Polynomial = 0x1b; // 0x11b without what falls out of the byte

    /// <summary>The share of one holder: the secret's polynomial at that holder's point.</summary>
    /// <param name="secret">The value at zero.</param>
    /// <param name="coefficients">Uniform and secret: those of the first power, of the second and so on, threshold − 1 times as many bytes as the secret.</param>
    /// <param name="point">Of the holder, not 0.</param>
    /// <param name="share">Receives as many bytes as the secret has.</param>
    public static void Share(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> coefficients, byte point, Span<byte> share)
    {
        ArgumentOutOfRangeException.ThrowIfZero(point);
        share.Clear();
        for (var end = coefficients.Length; end > 0; end -= secret.Length)
        {
            MultiplyAdd(share, point, coefficients[(end - secret.Length)..end], share);
        }

        MultiplyAdd(share, point, secret, share);
    }

    /// <summary>The secret of as many shares as the threshold; anything else of fewer, or when one of them is wrong.</summary>
    /// <param name="points">Of the holders, each another one.</param>
    /// <param name="shares">One after the other.</param>
    /// <param name="secret">Receives the secret.</param>
    public static void Combine(ReadOnlySpan<byte> points, ReadOnlySpan<byte> shares, Span<byte> secret)
    {
        secret.Clear();
        for (var i = 0; i < points.Length; i++)
        {
            MultiplyAdd(shares.Slice(i * secret.Length, secret.Length), AtZero(points, i), secret, secret);
        }
    }

    /// <summary>The product of two public numbers.</summary>
    internal static byte Multiply(byte one, byte other)
    {
        var (product, doubled) = (0, (int)one);
        for (var bits = (int)other; bits != 0; bits >>= 1)
        {
            product ^= (bits & 1) * doubled;
            doubled = (doubled << 1) ^ ((doubled >> 7) * (0x100 | Polynomial));
        }

        return (byte)product;
    }

    // Lagrange: what the polynomial that is 1 at one point, and 0 at the others, is at zero.
    private static byte AtZero(ReadOnlySpan<byte> points, int at)
    {
        byte above = 1, below = 1;
        for (var i = 0; i < points.Length; i++)
        {
            if (i != at)
            {
                (above, below) = (Multiply(above, points[i]), Multiply(below, (byte)(points[i] ^ points[at])));
            }
        }

        return Multiply(above, Invert(below));
    }

    // x^254, as x^255 is 1.
    private static byte Invert(byte value)
    {
        byte inverse = 1;
        for (var i = 0; i < 7; i++)
        {
            value = Multiply(value, value);
            inverse = Multiply(inverse, value);
        }

        return inverse;
    }

    // result = secret · factor + added; the loop follows the bits of the factor, which is public.
    private static void MultiplyAdd(ReadOnlySpan<byte> secret, byte factor, ReadOnlySpan<byte> added, Span<byte> result)
    {
        var width = Vector256<byte>.Count;
        var i = 0;
        for (; i <= secret.Length - width; i += width)
        {
            (Multiply(Vector256.Create(secret[i..]), factor) ^ Vector256.Create(added[i..])).CopyTo(result[i..]);
        }

        if (i < secret.Length)
        {
            Span<byte> rest = stackalloc byte[2 * width];
            secret[i..].CopyTo(rest);
            added[i..].CopyTo(rest[width..]);
            (Multiply(Vector256.Create<byte>(rest), factor) ^ Vector256.Create<byte>(rest[width..])).CopyTo(rest);
            rest[..(secret.Length - i)].CopyTo(result[i..]);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(rest));
        }
    }

    private static Vector256<byte> Multiply(Vector256<byte> doubled, byte factor)
    {
        var product = Vector256<byte>.Zero;
        for (var bits = (int)factor; bits != 0; bits >>= 1)
        {
            if ((bits & 1) != 0)
            {
                product ^= doubled;
            }

            var overflows = Vector256.LessThan(doubled.AsSByte(), Vector256<sbyte>.Zero).AsByte(); // all ones where the highest bit is set
            doubled = (doubled + doubled) ^ (overflows & Vector256.Create(Polynomial));
        }

        return product;
    }
}
