using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Agreements against published vectors, and what they refuse.</summary>
public sealed class KeyAgreementTests
{
    // NIST CAVP, KAS ECC CDH primitive, P-256, count 0.
    [Fact]
    public void P256_OfNistsVector_AgreesAsItSays()
    {
        using var pair = P256Agreement.Instance.TryOpen(Hex("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534"))!;
        var other = Hex("04" + "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287" + "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac");
        var agreed = new byte[32];

        Assert.True(pair.TryAgree(other, agreed));

        Assert.Equal("04" + "ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230" + "28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141", Text(pair.PublicKey.Span));
        Assert.Equal("46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b", Text(agreed));
    }

    // RFC 7748, section 6.1.
    [Fact]
    public void X25519_OfTheRfcsVector_AgreesAsItSays()
    {
        using var alice = new X25519Agreement().TryOpen(Hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))!;
        using var bob = new X25519Agreement().TryOpen(Hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))!;
        byte[] left = new byte[32], right = new byte[32];

        Assert.True(alice.TryAgree(bob.PublicKey.Span, left) & bob.TryAgree(alice.PublicKey.Span, right));

        Assert.Equal("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Text(alice.PublicKey.Span));
        Assert.Equal("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Text(bob.PublicKey.Span));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Text(left));
        Assert.Equal(left, right);
    }

    [Fact]
    public void P256_OfTwoDraws_AgreesOnOneSecretFromBothSides()
    {
        Span<byte> first = stackalloc byte[32], second = stackalloc byte[32];
        var key = SecretKey.New();
        using var one = P256Agreement.Instance.Draw(key.Stream("one"), first);
        using var two = P256Agreement.Instance.Draw(key.Stream("two"), second);
        byte[] left = new byte[32], right = new byte[32];

        Assert.True(one.TryAgree(two.PublicKey.Span, left) & two.TryAgree(one.PublicKey.Span, right));

        Assert.Equal(left, right);
        using var again = P256Agreement.Instance.TryOpen(first)!;
        Assert.Equal(one.PublicKey.ToArray(), again.PublicKey.ToArray());
        Assert.NotEqual(one.PublicKey.ToArray(), two.PublicKey.ToArray());
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")] // the order of the curve
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("01")]
    public void P256_OfBytesThatAreNoSecretKey_OpensNothing(string secret) => Assert.Null(P256Agreement.Instance.TryOpen(Hex(secret)));

    // A point beside the curve lies on another one, of few points, where the secret key can be searched for (Biehl, Meyer and Müller 2000).
    [Theory]
    [InlineData("")]
    [InlineData("04")]
    [InlineData("00")]
    [InlineData("04" + "0000000000000000000000000000000000000000000000000000000000000000" + "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("04" + "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287" + "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ad")]
    [InlineData("02" + "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287" + "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac")]
    public void P256_WithWhatIsNoPointOfTheCurve_AgreesOnNothing(string other)
    {
        using var pair = P256Agreement.Instance.TryOpen(Hex("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534"))!;
        var agreed = new byte[32];

        Assert.False(pair.TryAgree(Hex(other), agreed));

        Assert.All(agreed, value => Assert.Equal(0, value));
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    private static string Text(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
