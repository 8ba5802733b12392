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

    private static PartialSum Read(byte[] bytes, IAggregator aggregator) => RemoteUpdate.Read(bytes, s_order, 42, Empty(aggregator), aggregator, Length);

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
