using System.Runtime.InteropServices;
using FedRec.Core.Aggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Aggregation;

/// <summary>Sums of words that take every value.</summary>
public sealed class MaskedSumTests
{
    private const int Words = 9;

    [Fact]
    public void Sum_OfAnyGroupingAndOrder_HasTheSameBytesAlthoughItWraps()
    {
        var random = SeedSequence.For(1, "masked");
        var vectors = Enumerable.Range(0, 30).Select(_ => Vector(ref random)).ToArray();
        var whole = Sum(Enumerable.Range(0, 30));
        var expected = new ulong[Words];
        foreach (var vector in vectors)
        {
            for (var i = 0; i < Words; i++)
            {
                expected[i] += MemoryMarshal.Cast<byte, ulong>(vector)[i];
            }
        }

        var grouped = new MaskedSum(Words);
        foreach (var part in Enumerable.Range(0, 30).Reverse().Chunk(7))
        {
            var silo = Sum(part);
            grouped.Merge(new MaskedSum(silo.Encoded.Span, silo.Clients)); // it travels
        }

        Assert.Equal(MemoryMarshal.AsBytes<ulong>(expected).ToArray(), whole.Encoded.ToArray());
        Assert.Equal(whole.Encoded.ToArray(), grouped.Encoded.ToArray());
        Assert.Equal(Enumerable.Range(0, 30), grouped.Clients);
        MaskedSum Sum(IEnumerable<int> clients)
        {
            var sum = new MaskedSum(Words);
            Assert.All(clients, client => Assert.True(sum.TryAdd(client, vectors[client])));
            return sum;
        }
    }

    [Fact]
    public void Sum_WithAClientTwiceOrAnotherLength_IsRefusedAndStaysAsItWas()
    {
        var random = SeedSequence.For(2, "masked");
        var (sum, other) = (new MaskedSum(Words), new MaskedSum(Words));
        Assert.True(sum.TryAdd(4, Vector(ref random)) && other.TryAdd(4, Vector(ref random)) && other.TryAdd(5, Vector(ref random)));
        var before = sum.Encoded.ToArray();

        Assert.False(sum.TryAdd(4, Vector(ref random)));
        Assert.False(sum.TryAdd(6, new byte[(8 * Words) - 8]));
        Assert.Throws<ArgumentException>(() => sum.Merge(other));
        Assert.Throws<ArgumentException>(() => sum.Merge(new MaskedSum(Words + 1)));

        Assert.Equal(before, sum.Encoded.ToArray());
        Assert.Equal([4], sum.Clients.AsEnumerable());
        Assert.Throws<InvalidDataException>(() => new MaskedSum(new byte[9], [1]));
        Assert.Throws<InvalidDataException>(() => new MaskedSum(new byte[8], [1, 1]));
    }

    private static byte[] Vector(ref SeededRandom random)
    {
        var words = new ulong[Words];
        foreach (ref var word in words.AsSpan())
        {
            word = random.NextUInt64();
        }

        return MemoryMarshal.AsBytes<ulong>(words).ToArray();
    }
}
