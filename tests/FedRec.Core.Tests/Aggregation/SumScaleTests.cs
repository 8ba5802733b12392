using System.Numerics;
using CsCheck;
using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Aggregation;

/// <summary>A sum is exact, or what would make it wrap is refused: for any number of clients, at the limit or beyond it.</summary>
public sealed class SumScaleTests
{
    private static readonly Gen<int> s_clients = Gen.Int[0, 31].Select(Gen.Int[0, int.MaxValue], (bits, number) => (int)Math.Max(1, number >> bits));

    private static readonly Gen<double> s_largest = Gen.Int[0, 24].Select(power => Math.ScaleB(1, power));

    [Theory]
    [InlineData(1, 32, 262_144)]
    [InlineData(943, 32, 262_144)]
    [InlineData(8_191, 32, 262_144)]
    [InlineData(1 << 14, 32, 131_071.99)]
    [InlineData(1_000_000, 32, 2_147.48)]
    [InlineData(10_000_000, 28, 3_435.97)]
    public void For_AsManyClients_KeepsTheUsualBitsAsLongAsTheyLeaveRoom(int clients, int bits, double limit)
    {
        var scale = SumScale.For(clients);

        Assert.Equal(bits, scale.Bits);
        Assert.Equal(limit, scale.Limit, 0.01);
    }

    [Fact]
    public void For_AnyClientsAndAnyNeed_LeavesRoomForBoth() => Gen.Select(s_clients, s_largest).Sample((clients, largest) =>
    {
        var scale = SumScale.For(clients, largest);
        var sumOfAll = clients * (BigInteger)scale.Encode(scale.Limit);

        return scale.Limit >= largest && scale.Bits is >= 0 and <= 32 && sumOfAll <= long.MaxValue && sumOfAll >= 0;
    });

    [Fact]
    public void Sum_OfAnyClientsAtTheLimit_IsTheExactNumber() => Gen.Select(s_clients, s_largest, Gen.Bool).Sample((clients, largest, negative) =>
    {
        var scale = SumScale.For(clients, largest);
        var (own, total) = (new FixedPointSum(1, scale), new FixedPointSum(1, scale));
        var buffer = new UpdateBuffer();
        buffer.Segment(0, 1)[0] = (float)(negative ? -scale.Limit : scale.Limit);
        if (!own.TryAdd(buffer, 1, 0, 1))
        {
            buffer.Values[0] = MathF.BitDecrement((float)scale.Limit) * (negative ? -1 : 1); // float32 has no number as large as the limit
            Assert.True(own.TryAdd(buffer, 1, 0, 1));
        }

        // As many as are planned, by doubling what has been summed.
        var (part, one) = (Travelled(own, 1), own.Values[0]);
        for (var counted = 1L; ; counted *= 2)
        {
            if ((clients & counted) != 0)
            {
                total.Add(part);
            }

            if (counted * 2 > clients)
            {
                break;
            }

            var twice = new FixedPointSum(1, scale);
            twice.Add(part);
            twice.Add(part);
            part = Travelled(twice, twice.Clients);
        }

        Assert.Equal((clients, clients * (BigInteger)one), (total.Clients, total.Values[0]));
        Assert.False(total.TryAdd(buffer, 1, 0, 1));
        Assert.Equal(FaultKind.TooManyClients, total.FindFault(buffer, 1, 0)!.Value.Kind);
        Assert.Throws<ArgumentException>(() => total.Add(Travelled(own, 1)));
    });

    [Fact]
    public void Add_SumsOfAnyValues_AreExactOrRefusedAndNothingIsAdded() => Gen.Select(Gen.Long, Gen.Long).Sample((one, other) =>
    {
        var total = new FixedPointSum(5, SumScale.For(2));
        foreach (var value in new[] { one, other })
        {
            var (before, exact) = (total.Values[4], (BigInteger)total.Values[4] + value);
            var damaged = Travelled([0, 0, 0, 0, value], total.Scale);
            if (exact >= long.MinValue && exact <= long.MaxValue)
            {
                total.Add(damaged);
                Assert.Equal(exact, total.Values[4]);
            }
            else
            {
                Assert.Contains("damaged", Assert.Throws<ArgumentException>(() => total.Add(damaged)).Message, StringComparison.Ordinal);
                Assert.Equal(before, total.Values[4]);
            }
        }
    });

    [Fact]
    public void Add_ASumOfAnotherScale_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new FixedPointSum(1, new SumScale(32, 9)).Add(Travelled([1], new SumScale(31, 9))));

    [Fact]
    public void TryAdd_ValuesThatShareAPlace_AreMeasuredTogether()
    {
        var (sum, buffer) = (new FixedPointSum(1, SumScale.For(9_000)), new UpdateBuffer());
        for (var user = 0; user < 300_000; user++)
        {
            buffer.Segment(0, 1)[0] = 1;
        }

        buffer.LargestTotal = 300_000;

        Assert.False(sum.TryAdd(buffer, 1, 0, 1));
        Assert.Equal(new AggregationFault(FaultKind.TooLarge, 0, 300_000, sum.Scale.Limit), sum.FindFault(buffer, 1, 0));
        Assert.True(new FixedPointSum(1, SumScale.For(9_000, 1 << 19)).TryAdd(buffer, 1, 0, 1));
    }

    [Theory]
    [InlineData(float.NaN, 1.0, 0.5, FaultKind.NotFinite, 4)]
    [InlineData(float.PositiveInfinity, 1e-300, 0.5, FaultKind.NotFinite, 4)]
    [InlineData(1f, double.NaN, 0.5, FaultKind.NotFinite, AggregationFault.OfWeight)]
    [InlineData(1f, 1.0, double.PositiveInfinity, FaultKind.NotFinite, AggregationFault.OfLoss)]
    [InlineData(1f, 0.0, 0.5, FaultKind.WeightTooSmall, AggregationFault.OfWeight)]
    [InlineData(1f, 1e-11, 0.5, FaultKind.WeightTooSmall, AggregationFault.OfWeight)]
    [InlineData(1f, 1e6, 0.5, FaultKind.TooLarge, AggregationFault.OfWeight)]
    [InlineData(-200_000f, 2.0, 0.5, FaultKind.TooLarge, 4)]
    [InlineData(1f, 1.0, 1e6, FaultKind.TooLarge, AggregationFault.OfLoss)]
    public void FindFault_WhatCannotBeAdded_IsNamedByPlace(float value, double weight, double loss, FaultKind kind, int position)
    {
        var (sum, buffer) = (new FixedPointSum(6), new UpdateBuffer());
        buffer.Segment(0, 1)[0] = 3;
        buffer.Segment(3, 2)[1] = value;
        buffer.Values[1] = 0;

        Assert.False(sum.TryAdd(buffer, weight, loss, 1));

        var fault = sum.FindFault(buffer, weight, loss)!.Value;
        Assert.Equal((kind, position), (fault.Kind, fault.Position));
    }

    [Fact]
    public void FindFault_AnyUpdate_FindsOneWhereAndOnlyWhereItCannotBeAdded() =>
        Gen.Select(Gen.OneOf(Gen.Float, Gen.Float[-1e6f, 1e6f]).Array[1, 20], Gen.OneOf(Gen.Double, Gen.Double[-1, 1e6]), Gen.OneOf(Gen.Double, Gen.Double[-1e6, 1e6])).Sample((values, weight, loss) =>
        {
            var (sum, buffer) = (new FixedPointSum(20), new UpdateBuffer());
            values.CopyTo(buffer.Segment(0, values.Length));
            var fault = sum.FindFault(buffer, weight, loss);

            return sum.TryAdd(buffer, weight, loss, 1) == fault is null;
        });

    private static FixedPointSum Travelled(FixedPointSum sum, int clients) => new(sum.Encoded.ToArray(), sum.Weight, sum.Loss, clients, 0, 1, sum.Scale);

    private static FixedPointSum Travelled(long[] values, SumScale scale) =>
        new(System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(values).ToArray(), 1, 0, 1, 0, 1, scale);
}
