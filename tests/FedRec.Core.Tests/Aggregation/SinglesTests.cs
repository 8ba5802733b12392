using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Aggregation;

/// <summary>Aggregators that keep updates one by one: by hand, in any order and grouping, and what travels.</summary>
public sealed class SinglesTests
{
    private const int Length = 600; // more than are sorted out at a time

    [Theory]
    [InlineData("median", 0, 3, 2, 0)]
    [InlineData("trimmed-mean", 0.25, 3, 5 / 3.0, 0)] // one is cut from each end of 1, 2, 3, 4, 100 and of 0, 0, 2, 3, 4
    [InlineData("trimmed-mean", 0.1, 22, 1.8, 20)] // a tenth of five is nobody
    public void Close_OfFiveClients_IsTheMiddleByHand(string name, double trim, double first, double second, double last)
    {
        var partial = FederationParts.BuiltIn().Aggregator(name, trim).Empty(Length, SumScale.Usual);
        float[] all = [4, 1, 100, 2, 3];
        for (var client = 0; client < all.Length; client++)
        {
            var buffer = new UpdateBuffer();
            buffer.Segment(0, 1)[0] = all[client];
            if (client is 0 or 3 or 4)
            {
                buffer.Segment(300, 1)[0] = all[client]; // the others say nothing: 0
            }

            buffer.Segment(Length - 1, 1)[0] = client == 1 ? 100 : 0;
            Assert.True(partial.TryAdd(client, new ClientUpdate(buffer, 1 + client, 0.5, 2)));
        }

        var middle = Mean(partial);

        Assert.Equal(first, middle[0], 5);
        Assert.Equal(second, middle[300], 5);
        Assert.Equal(last, middle[^1], 5);
        Assert.All(middle[1..300], value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData("median", 4)]
    [InlineData("median", 5)]
    [InlineData("trimmed-mean", 20)]
    public void Close_AnyOrderAndGrouping_GivesTheSameBits(string name, int clients)
    {
        var random = new SeededRandom(3);
        var expected = Mean(Together(name, [.. Enumerable.Range(0, clients)]));
        for (var draw = 0; draw < 20; draw++)
        {
            var order = Enumerable.Range(0, clients).ToArray();
            random.Shuffle<int>(order);
            var cut = random.NextInt32(clients + 1);
            var (one, other) = (Together(name, order[..cut]), Together(name, order[cut..]));
            var travelled = FederationParts.BuiltIn().Aggregator(name).Read(Length, other.Encoded, Travelled(other.Totals));

            Assert.True(one.CanMerge(travelled));
            one.Merge(travelled);

            Assert.Equal(clients, one.Totals.Clients);
            Assert.Equal(expected, Mean(one));
        }
    }

    [Fact]
    public void Close_OneClientOfFiveSendsAnything_StaysBetweenTheOthers()
    {
        var partial = Together("median", [0, 1, 2, 3]);
        var (honest, buffer) = (Enumerable.Range(0, 4).Select(client => Mean(Together("median", [client]))).ToArray(), new UpdateBuffer());
        buffer.Segment(0, Length).Fill(200_000);
        Assert.True(partial.TryAdd(4, new ClientUpdate(buffer, 1, 0, 1)));

        var middle = Mean(partial);

        Assert.All(Enumerable.Range(0, Length), i => Assert.InRange(middle[i], honest.Min(one => one[i]), honest.Max(one => one[i])));
    }

    [Fact]
    public void TryAdd_WhatCannotBeCounted_IsRefusedWithTheFaultOfTheMean()
    {
        var (singles, mean, buffer) = (FederationParts.BuiltIn().Aggregator("median").Empty(Length, SumScale.Usual), FederationParts.BuiltIn().Aggregator("mean").Empty(Length, SumScale.Usual), new UpdateBuffer());
        buffer.Segment(7, 1)[0] = float.NaN;
        var update = new ClientUpdate(buffer, 1, 0, 1);

        Assert.False(singles.TryAdd(0, update));
        Assert.Equal(0, singles.Totals.Clients);
        Assert.Equal((FaultKind.NotFinite, 7), (singles.FindFault(update)!.Value.Kind, singles.FindFault(update)!.Value.Position));
        Assert.Equal(mean.FindFault(update)!.Value.Position, singles.FindFault(update)!.Value.Position);
    }

    [Fact]
    public void Read_WhatIsDamaged_IsRefused()
    {
        var whole = Together("median", [0, 1]);
        var bytes = whole.Encoded.ToArray();

        foreach (var length in Enumerable.Range(0, bytes.Length)) // also where one update, or none, is whole
        {
            Assert.Throws<InvalidDataException>(() => FederationParts.BuiltIn().Aggregator("median").Read(Length, bytes.AsMemory(0, length), Travelled(whole.Totals)));
        }

        Assert.Throws<InvalidDataException>(() => FederationParts.BuiltIn().Aggregator("median").Read(10, bytes, Travelled(whole.Totals))); // another layout
    }

    [Theory]
    [InlineData("mode", 0, "use mean, median, trimmed-mean")]
    [InlineData("median", 0.1, "cuts nothing")]
    [InlineData("trimmed-mean", 0.5, "nobody is left")]
    [InlineData("trimmed-mean", double.NaN, "trim is NaN")]
    public void Create_WhatThereIsNot_SaysWhatThereIs(string name, double trim, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => FederationParts.BuiltIn().Aggregator(name, trim)).Message, StringComparison.Ordinal);

    [Fact]
    public void Encode_OfAnUpdate_HasTheBytesItSaysAndIsReadBack()
    {
        var update = UpdateOf(3);

        var bytes = update.Encode();
        var read = ClientUpdate.Decode(bytes, Length);

        Assert.Equal(update.EncodedBytes, bytes.Length);
        Assert.Equal((update.Weight, update.Loss, update.Examples), (read.Weight, read.Loss, read.Examples));
        Assert.Equal(update.Values.Values.ToArray(), read.Values.Values.ToArray());
        Assert.Equal(Offsets(update), Offsets(read));
    }

    private static int[] Offsets(ClientUpdate update) => [.. Enumerable.Range(0, update.Values.SegmentCount).Select(update.Values.Offset)];

    private static FixedPointSum Travelled(FixedPointSum totals) => new(default, totals.Weight, totals.Loss, totals.Clients, totals.Examples, totals.MaxWeight, totals.Scale);

    private static IPartial Together(string name, int[] clients)
    {
        var partial = FederationParts.BuiltIn().Aggregator(name).Empty(Length, SumScale.Usual);
        foreach (var client in clients)
        {
            Assert.True(partial.TryAdd(client, UpdateOf(client)));
        }

        return partial;
    }

    private static ClientUpdate UpdateOf(int client)
    {
        var (random, buffer) = (new SeededRandom((ulong)client), new UpdateBuffer());
        foreach (var start in new[] { 0, 100, 250, 500 }.Where(_ => random.NextDouble() < 0.7))
        {
            foreach (ref var value in buffer.Segment(start, 60 + random.NextInt32(40)))
            {
                value = (float)random.NextGaussian();
            }
        }

        return new ClientUpdate(buffer, 1 + random.NextDouble(), 0.5, client);
    }

    private static float[] Mean(IPartial partial)
    {
        var mean = new float[Length];
        partial.Close().Mean(mean);
        return mean;
    }
}
