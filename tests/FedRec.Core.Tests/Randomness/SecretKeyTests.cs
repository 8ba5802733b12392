using System.Security.Cryptography;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Randomness;

public sealed class SecretKeyTests
{
    // HKDF-SHA256 and AES-256 in counter mode from zero: the pair mask of clients 1 and 2 in the published vector, whose seed is known.
    [Fact]
    public void Stream_OfAKnownKey_IsAesOfACounter()
    {
        using var stream = new SecretStream(Convert.FromHexString("7a0f6b6f6d7aab2cb6811a9ab163e22e608e0b343cbb0aa41ae35ba2c25903c4"));
        var bytes = new byte[16];

        stream.Fill(bytes);

        Assert.Equal("13ff8ded30eb37ae57fc5f600d46be70", Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Stream_ReadInPieces_IsTheSame()
    {
        var key = RandomNumberGenerator.GetBytes(SecretKey.Length);
        using var once = new SecretKey(key).Stream("draws", [1, 2]);
        using var pieces = new SecretKey(key).Stream("draws", [1, 2]);
        var (whole, rest) = (new byte[20_000], new byte[20_000]);

        once.Fill(whole);
        for (var (from, length) = (0, 1); from < rest.Length; (from, length) = (from + length, (length * 3) + 1))
        {
            length = Math.Min(length, rest.Length - from);
            pieces.Fill(rest.AsSpan(from, length));
        }

        Assert.Equal(whole, rest);
    }

    [Fact]
    public void Stream_OfAnotherPurposeContextOrKey_IsAnother()
    {
        var key = SecretKey.New();
        ulong First(SecretKey of, string purpose, params byte[] context)
        {
            using var stream = of.Stream(purpose, context);
            return stream.NextUInt64();
        }

        ulong[] firsts = [First(key, "a"), First(key, "b"), First(key, "a", 1), First(key, "a1"), First(SecretKey.New(), "a"), First(key, "a", 1, 0)];

        Assert.Equal(firsts.Length, firsts.Distinct().Count());
        Assert.Equal(First(key, "a", 1), First(key, "a", 1));
    }

    [Fact]
    public void Key_InWords_IsNotTold()
    {
        var bytes = RandomNumberGenerator.GetBytes(SecretKey.Length);

        Assert.Equal("(secret)", $"{new SecretKey(bytes)}");
        Assert.Throws<ArgumentException>(() => new SecretKey(bytes.AsSpan(1)));
    }
}
