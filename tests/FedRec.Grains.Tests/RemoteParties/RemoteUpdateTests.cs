using System.Buffers.Binary;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Updates;
using FedRec.Grains.RemoteParties;
using FedRec.Grains.Rounds;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>What a party sends is read as it was written, and anything else is no update: never a failure of another kind.</summary>
public sealed class RemoteUpdateTests
{
    private const int Length = 12;
    private const double MostWeight = 1;
    private const int Iterations = 100_000;
    private static readonly TrainOrder s_order = new("movies/run-3", 5, 4);
    private static readonly SumScale s_scale = SumScale.For(3);

    public static TheoryData<string> Aggregators => ["mean", "median"];

    [Theory]
    [MemberData(nameof(Aggregators))]
    public void Read_WhatWasWritten_IsTheSameSum(string name)
    {
        var (aggregator, sum) = Sum(name);

        var message = Read(RemoteUpdate.Write(sum, isClipped: true), aggregator);

        Assert.Equal((5, 4L, 1, 7L, sum.Totals.Weight), (message.Round, message.BaseVersion, message.Clipped, message.Examples, message.Weight));
        Assert.Equal(42, Assert.Single(message.Clients));
        Assert.Equal(sum.Encoded.ToArray(), message.Values.ToArray());
        Assert.True(RemoteUpdate.Write(sum, isClipped: false).Length <= RemoteUpdate.MostBytes(Length));
    }

    // A sum that arrives was added up by the party: what each client's own update is refused for must be refused here.
    [Theory]
    [InlineData("mean", 8, 1L << 33)] // twice the weight that the client has
    [InlineData("mean", 8, (1L << 32) - 1)] // not the weight that it says it has added
    [InlineData("mean", 16, 1L << 62)] // a loss
    [InlineData("mean", 48, 1L << 62)] // a value
    [InlineData("mean", 48 + 88, -(1L << 62))]
    [InlineData("median", 8, 1L << 33)]
    [InlineData("median", 16, -(1L << 62))]
    public void Read_MoreThanOneClientCanAdd_IsRefused(string name, int at, long value)
    {
        var (aggregator, sum) = Sum(name);
        var bytes = RemoteUpdate.Write(sum, isClipped: false);
        _ = Read(bytes, aggregator);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
        if (at == 8 && value > 1L << 32)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(32), s_scale.Decode(value)); // a liar who is consistent
        }

        Assert.Throws<InvalidDataException>(() => Read(bytes, aggregator));
    }

    [Fact]
    public void Read_ASingleUpdateOfValuesThatAreTooLarge_IsRefused()
    {
        var (aggregator, _) = Sum("median");
        var (wide, values) = (aggregator.Empty(Length, new SumScale(s_scale.Bits - 20, 1)), new UpdateBuffer());
        values.Segment(0, 1).Fill(1e9f);
        Assert.True(wide.TryAdd(42, new ClientUpdate(values, 1, 0.5, 7)));
        var bytes = RemoteUpdate.Write(wide, isClipped: false);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), s_scale.Bits);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), s_scale.Encode(1));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), 0);

        Assert.Throws<InvalidDataException>(() => Read(bytes, aggregator));
    }

    [Theory]
    [MemberData(nameof(Aggregators))]
    public void Read_AnyBytes_AreAnUpdateOrNone(string name)
    {
        var (aggregator, sum) = Sum(name);
        var (random, good, read) = (new Random(7), RemoteUpdate.Write(sum, isClipped: false), 0);
        for (var i = 0; i < Iterations; i++)
        {
            var bytes = good.ToArray();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = random.Next(4) switch { 0 => bytes[..random.Next(bytes.Length)], 1 => [.. bytes, .. new byte[random.Next(1, 9)]], _ => bytes };
            try
            {
                var message = Read(bytes, aggregator);
                Assert.Equal(42, Assert.Single(message.Clients)); // of nobody else, whatever it says
                Assert.True(message.Values.Length <= bytes.Length);
                _ = Empty(aggregator).CanMerge(RoundMessages.ToPartial(message, aggregator, Length)); // as its round asks
                read++;
            }
            catch (InvalidDataException)
            {
                // no update
            }
        }

        Assert.InRange(read, 100, Iterations - 100); // both kinds were met
    }

    private static PartialSum Read(byte[] bytes, IAggregator aggregator) => RemoteUpdate.Read(bytes, s_order, 42, Empty(aggregator), aggregator, Length, sum => sum.IsOfOne(s_scale, MostWeight));

    private static IPartial Empty(IAggregator aggregator) => aggregator.Empty(Length, s_scale);

    private static (IAggregator Aggregator, IPartial Sum) Sum(string name)
    {
        var aggregator = TestFederation.Parts.Aggregator(name, 0);
        var (sum, values) = (Empty(aggregator), new UpdateBuffer());
        values.Segment(2, 3).Fill(0.5f);
        values.Segment(7, 4).Fill(-1.25f);
        Assert.True(sum.TryAdd(42, new ClientUpdate(values, 1, 0.5, 7)));
        return (aggregator, sum);
    }
}
