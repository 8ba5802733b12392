using FedRec.Core.Aggregation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>What everybody must agree on before a round.</summary>
public sealed class SecureRoundTests
{
    private static readonly VectorPlan s_vector = new(4, SumScale.For(10), 1, 100);
    private static readonly Participant[] s_roster = [.. Enumerable.Range(1, 4).Select(number => new Participant(number, BitConverter.GetBytes(number)))];

    // Everything that is agreed on is in the digest, and each at its own place.
    [Fact]
    public void Digest_WithAnythingElse_IsAnother()
    {
        var binding = SecureSession.Binding;
        string[] digests =
        [
            Digest(), Digest(binding with { Round = "x" }), Digest(binding with { ModelHash = "x" }), Digest(binding with { CatalogueHash = "x" }), Digest(binding with { FeaturesHash = "x" }),
            Digest(binding with { ConfigurationHash = "x" }), Digest(binding with { ModelHash = binding.CatalogueHash, CatalogueHash = binding.ModelHash }),
            Digest(binding with { ModelHash = "mode", CatalogueHash = "lcatalogue" }), Digest(roster: s_roster[..3]), Digest(roster: [.. s_roster[..3], s_roster[3] with { Number = 9 }]),
            Digest(roster: [.. s_roster[..3], s_roster[3] with { Identity = new byte[4] }]), Digest(vector: s_vector with { Length = 5 }), Digest(vector: s_vector with { Scale = SumScale.For(11) }),
            Digest(vector: s_vector with { Scale = new SumScale(31, 10) }), Digest(vector: s_vector with { MostWeight = 2 }), Digest(vector: s_vector with { Largest = 101 }),
            Digest(randomness: new byte[32]), Digest(strength: GraphStrength.OneInFive), Digest(suite: QuickSuite.Instance),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(Digest(), Digest(roster: [.. s_roster.Reverse()])); // in whatever order
    }

    // Worked out from the description by another program: parties that are not of the same release, or not of FedRec's code, must come to the same.
    [Fact]
    public void Digest_OfARound_IsAsItWasRecorded() =>
        Assert.Equal("0d09aa532b6a5866b6c6bc4e4a3dd4bde5c659c2303a4c496e5d97e03c7d5fbb", Digest());

    [Fact]
    public void Decode_OfARound_IsTheSameRound()
    {
        var round = new SecureRound(SecureSession.Binding, s_roster, s_vector, new byte[32], GraphStrength.OneInFive);

        var read = SecureRound.Decode(round.Encode());

        Assert.Equal(round.Digest.ToArray(), read.Digest.ToArray());
        Assert.Equal((round.Binding, round.Vector.Length, round.Vector.Scale.Bits, round.Vector.MostWeight), (read.Binding, read.Vector.Length, read.Vector.Scale.Bits, read.Vector.MostWeight));
        Assert.Equal(round.IdentityOf(3).ToArray(), read.IdentityOf(3).ToArray());
        Assert.Throws<InvalidDataException>(() => SecureRound.Decode(round.Encode(), QuickSuite.Instance));
    }

    // What a server sends may be anything; what is read is a round that could begin, and that is written in the same way again.
    [Fact]
    public void Decode_OfHostileBytes_RefusesThemOrReadsAllOfThem()
    {
        var random = SeedSequence.For(6, "hostile");
        var bytes = new SecureRound(SecureSession.Binding, s_roster, s_vector, new byte[32]).Encode();
        var (read, refused) = (0, 0);
        for (var draw = 0; draw < 20_000; draw++)
        {
            var hostile = SecureMessageTests.Spoil(bytes, ref random);
            try
            {
                Assert.Equal(hostile, SecureRound.Decode(hostile).Encode());
                read++;
            }
            catch (InvalidDataException exception)
            {
                Assert.StartsWith("A message of secure aggregation cannot be read: ", exception.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(read > 1_000 && refused > 5_000, $"{read} read, {refused} refused.");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, -5)]
    [InlineData(0, int.MaxValue)]
    [InlineData(4, -1)]
    [InlineData(4, 60)]
    [InlineData(8, 0)]
    [InlineData(8, 3)] // fewer than the roster has
    public void Decode_OfVectorsThatCannotBeAddedUp_IsRefused(int offset, int value)
    {
        var bytes = new SecureRound(SecureSession.Binding, s_roster, s_vector).Encode();
        var vector = bytes.AsSpan().IndexOf("ES256"u8) + 5;
        Assert.Equal(s_vector.Length, BitConverter.ToInt32(bytes, vector));
        BitConverter.GetBytes(value).CopyTo(bytes, vector + offset);

        Assert.Throws<InvalidDataException>(() => SecureRound.Decode(bytes));
    }

    [Fact]
    public void Round_WithANumberTwiceOrBelowZero_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Digest(roster: [.. s_roster, s_roster[0]]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Digest(strength: (GraphStrength)3));
        Assert.Throws<ArgumentException>(() => Digest(roster: [.. s_roster, s_roster[0] with { Number = -1 }]));
        Assert.Throws<ArgumentException>(() => new SecureClient(new SecureRound(SecureSession.Binding, s_roster, s_vector), 99, QuickSuite.Signer(default)));
    }

    private static string Digest(
        RoundBinding? binding = null, Participant[]? roster = null, VectorPlan? vector = null, byte[]? randomness = null, GraphStrength strength = GraphStrength.OneInTen, SecureSuite? suite = null) =>
        Convert.ToHexStringLower(new SecureRound(binding ?? SecureSession.Binding, roster ?? s_roster, vector ?? s_vector, randomness ?? [], strength, suite).Digest.Span);
}
