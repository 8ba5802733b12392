using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Shares of secrets.</summary>
public sealed class ShamirSharingTests
{
    [Fact]
    public void Share_OfTheVector_GivesItsShares()
    {
        var secret = Convert.FromHexString("0001020304050607");
        var coefficients = Convert.FromHexString("d0f631ca1ddba8db" + "9c0abe51c6e6655d");

        Assert.Equal("4cfd8d98df38cb81", Convert.ToHexStringLower(Share(secret, coefficients, 1)));
        Assert.Equal("fddeaed30b1dc2c5", Convert.ToHexStringLower(Share(secret, coefficients, 2)));
        Assert.Equal("22a85cfa7f9b5767", Convert.ToHexStringLower(Share(secret, coefficients, 5)));
        Assert.Equal(secret, Combine([1, 2, 5], Convert.FromHexString("4cfd8d98df38cb81" + "fddeaed30b1dc2c5" + "22a85cfa7f9b5767"), 8));
    }

    // FIPS 197, section 4.2: the field.
    [Fact]
    public void Multiply_OfTheStandardsExample_IsItsProduct()
    {
        Assert.Equal(0xc1, ShamirSharing.Multiply(0x57, 0x83));
        Assert.Equal(0xfe, ShamirSharing.Multiply(0x57, 0x13));
    }

    [Theory]
    [InlineData(1, 1, 32)]
    [InlineData(3, 2, 1)]
    [InlineData(10, 7, 64)]
    [InlineData(100, 67, 32)]
    [InlineData(255, 170, 33)]
    public void Combine_OfAnyShares_IsTheSecretFromTheThresholdOnAndNotBelow(int holders, int threshold, int length)
    {
        var random = SeedSequence.For(7, "shares", holders);
        byte[] secret = Bytes(length), coefficients = Bytes((threshold - 1) * length);
        var shares = Enumerable.Range(1, holders).Select(point => (Point: (byte)point, Value: Share(secret, coefficients, (byte)point))).ToArray();

        for (var draw = 0; draw < 5; draw++)
        {
            random.Shuffle<(byte, byte[])>(shares);
            Assert.Equal(secret, CombineFirst(threshold));
            if (threshold > 1)
            {
                Assert.NotEqual(secret, CombineFirst(threshold - 1));
            }
        }

        byte[] CombineFirst(int count) => Combine([.. shares.Take(count).Select(share => share.Point)], [.. shares.Take(count).SelectMany(share => share.Value)], length);
        byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)random.NextInt32(256))];
    }

    // Whatever the secret is, each share of fewer than the threshold takes every value once over the coefficients: it tells nothing.
    [Fact]
    public void Share_OfOneHolder_IsAnythingForEverySecret()
    {
        foreach (byte secret in new byte[] { 0, 1, 0x80, 0xff })
        {
            Assert.Equal(256, Enumerable.Range(0, 256).Select(coefficient => Share([secret], [(byte)coefficient], 77)[0]).Distinct().Count());
        }
    }

    [Fact]
    public void Share_AtZero_WhereTheSecretIs_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => Share([1], [2], 0));

    private static byte[] Share(byte[] secret, byte[] coefficients, byte point)
    {
        var share = new byte[secret.Length];
        ShamirSharing.Share(secret, coefficients, point, share);
        return share;
    }

    private static byte[] Combine(byte[] points, byte[] shares, int length)
    {
        var secret = new byte[length];
        ShamirSharing.Combine(points, shares, secret);
        return secret;
    }
}
