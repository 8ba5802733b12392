using CsCheck;
using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Aggregation;

public class FixedPointSumTests
{
    private const int Length = 24;

    private static readonly Gen<(int Offset, float[] Values, double Weight)> s_update =
        Gen.Select(Gen.Int[0, 16], Gen.Float[-50f, 50f].Array[1, 8], Gen.Double[0.5, 20]);

    [Fact]
    public void Sum_AnyOrderAndAnyGrouping_HasTheSameBytes() =>
        Gen.Select(s_update.Array[1, 20], Gen.Int[1, 5], Gen.Int[0, 1000]).Sample((updates, groups, seed) =>
        {
            var inOrder = Total(updates);
            var shuffled = updates.ToArray();
            new Random(seed).Shuffle(shuffled);
            var grouped = new FixedPointSum(Length);
            foreach (var part in shuffled.Chunk(groups))
            {
                grouped.Add(Total(part));
            }

            return inOrder.Encoded.Span.SequenceEqual(grouped.Encoded.Span) && inOrder.Report.SequenceEqual(grouped.Report)
                && inOrder.Clients == grouped.Clients && inOrder.MaxWeight == grouped.MaxWeight;
        });

    [Fact]
    public void Mean_OfTwoClients_IsWeighted()
    {
        var sum = Total([(0, [1f, 2f], 1.0), (1, [6f], 3.0)]);
        var mean = new float[Length];

        sum.Mean(mean);

        Assert.Equal([0.25f, 5f, 0f], mean[..3]);
    }

    [Fact]
    public void Mean_OfFewerValuesThanTheSumHas_IsOfTheFirst()
    {
        var sum = Total([(0, [1f, 2f, 9f], 1.0), (0, [5f, 6f], 3.0)]);
        var mean = new float[2];

        sum.Mean(mean);

        Assert.Equal([4f, 5f], mean);
    }

    [Theory]
    [InlineData(float.NaN, 1.0, 0.5)]
    [InlineData(float.PositiveInfinity, 1.0, 0.5)]
    [InlineData(1f, double.NaN, 0.5)]
    [InlineData(1f, 0.0, 0.5)]
    [InlineData(1f, 1.0, double.NaN)]
    [InlineData(200_000f, 2.0, 0.5)]
    public void TryAdd_WithAValueThatCannotBeAdded_AddsNothing(float value, double weight, double loss)
    {
        var sum = new FixedPointSum(Length);
        var buffer = new UpdateBuffer();
        buffer.Segment(0, 1)[0] = 3f;
        buffer.Segment(4, 1)[0] = value;

        Assert.False(sum.TryAdd(buffer, weight, loss, 1));

        Assert.Equal(0, sum.Clients);
        Assert.All(sum.Values.ToArray(), encoded => Assert.Equal(0, encoded));
    }

    [Fact]
    public void TryAdd_SegmentOutsideTheLayout_AddsNothing()
    {
        var sum = new FixedPointSum(Length);
        var buffer = new UpdateBuffer();
        buffer.Segment(Length - 1, 2).Fill(1f);

        Assert.False(sum.TryAdd(buffer, 1, 0, 1));
    }

    /// <summary>What came from elsewhere may say anything: it is never added where it would leave 64 bits, whatever it was added to before.</summary>
    [Fact]
    public void CanAdd_AfterASumFromElsewhereWasTakenIn_LooksAtEveryPlace()
    {
        var huge = new byte[Length * sizeof(long)];
        BitConverter.TryWriteBytes(huge, long.MaxValue - 1);
        var (sum, other) = (Total([(0, [1f], 1.0)]), Total([(0, [1f], 1.0)]));
        var foreign = new FixedPointSum(huge, 1, 0, 1, 1, 1);
        var taken = new FixedPointSum(Length);
        taken.Add(foreign);
        var added = new FixedPointSum(Length);
        added.Add(Total([(1, [1f], 1.0)]));
        added.Add(foreign);

        Assert.False(sum.CanAdd(foreign));
        Assert.False(sum.CanAdd(taken));
        Assert.False(sum.CanAdd(added));
        Assert.False(added.CanAdd(other));
        Assert.True(sum.CanAdd(other));
    }

    /// <summary>A client of a plan for few may add more than one of a plan for many.</summary>
    [Fact]
    public void CanAdd_ASumOfASmallerPlan_LooksAtEveryPlace()
    {
        var (many, few) = (new SumScale(0, 1 << 20), new SumScale(0, 1 << 10));
        static FixedPointSum Of(SumScale scale, int clients)
        {
            var (sum, update) = (new FixedPointSum(1, scale), new UpdateBuffer());
            update.Segment(0, 1)[0] = MathF.BitDecrement((float)scale.Limit);
            for (var client = 0; client < clients; client++)
            {
                Assert.True(sum.TryAdd(update, 1, 0, 1));
            }

            return sum;
        }

        Assert.False(Of(many, many.Clients - few.Clients).CanAdd(Of(few, few.Clients))); // no more clients than planned, and yet more than 64 bits
        Assert.True(Of(many, 1).CanAdd(Of(few, few.Clients)));
    }

    private static FixedPointSum Total(IEnumerable<(int Offset, float[] Values, double Weight)> updates)
    {
        var sum = new FixedPointSum(Length);
        var buffer = new UpdateBuffer();
        foreach (var (offset, values, weight) in updates)
        {
            buffer.Clear();
            values.CopyTo(buffer.Segment(offset, values.Length));
            Assert.True(sum.TryAdd(buffer, weight, values[0], 1));
        }

        return sum;
    }

    [Theory]
    [InlineData(-1, 2, 4)]
    [InlineData(0, 6, 4)]
    [InlineData(5, 0, 4)]
    [InlineData(1 << 30, 0, 4)] // offset times columns leaves 32 bits
    [InlineData(-(1 << 30), 0, 4)]
    public void TryAdd_RowOutsideTheLayout_AddsNothing(int row, int other, int columns)
    {
        foreach (int[] rows in new int[][] { [row, other], [other, row] })
        {
            var (sum, update) = (new FixedPointSum(Length - 4), new UpdateBuffer());
            update.Rows(rows, columns).Fill(1);

            Assert.False(sum.TryAdd(update, 1, 0, 1));

            Assert.Equal(FaultKind.OutsideLayout, sum.FindFault(update, 1, 0)!.Value.Kind);
            Assert.False(sum.Values.ContainsAnyExcept(0));
        }
    }

    [Fact]
    public void TryAdd_AfterARefusedUpdateInTheSameBuffer_CountsTheNext()
    {
        var (sum, update) = (new FixedPointSum(Length), new UpdateBuffer());
        update.Segment(Length, 1).Fill(1);
        Assert.False(sum.TryAdd(update, 1, 0, 1));

        update.Clear();
        update.Segment(Length - 1, 1).Fill(1);

        Assert.True(sum.TryAdd(update, 1, 0, 1));
    }

    [Fact]
    public void TryAdd_SegmentsOfAnyLength_AddEachValueAtItsPlace() =>
        Gen.Select(Gen.Int[1, 70].Array[1, 6], Gen.Double[0.5, 20], Gen.Int[0, 1000]).Sample((lengths, weight, seed) =>
        {
            var (random, update, sum) = (new Random(seed), new UpdateBuffer(), new FixedPointSum(lengths.Sum() + lengths.Length));
            var (offset, expected) = (0, new long[lengths.Sum() + lengths.Length]);
            foreach (var length in lengths)
            {
                foreach (ref var value in update.Segment(++offset, length))
                {
                    value = random.NextSingle() - 0.5f;
                    expected[offset++] = FixedPoint.Encode(value * (weight * 4294967296.0) / 4294967296.0);
                }
            }

            return sum.TryAdd(update, weight, 0, 1) && sum.Values.SequenceEqual(expected);
        });

    [Fact]
    public void Add_ToASumThatTookAnothersMemory_LeavesTheOtherAsItWas()
    {
        var first = Travelled(1, 2);
        var before = first.Encoded.ToArray();
        var total = new FixedPointSum(2);

        total.Add(first);
        total.Add(Travelled(10, 20));

        Assert.Equal(before, first.Encoded.ToArray());
        Assert.Equal([11f, 22f], new[] { Mean(total, 0) * 2, Mean(total, 1) * 2 });
    }

    [Fact]
    public void Add_ASumThatGoesOn_IsNotFollowed()
    {
        var (total, going) = (new FixedPointSum(2), Of(1, 2));
        total.Add(going);
        var before = total.Encoded.ToArray();

        Assert.True(going.TryAdd(Update(5, 5), 1, 0, 1));

        Assert.Equal(before, total.Encoded.ToArray());
    }

    [Fact]
    public void Clear_AfterASumWasTaken_IsEmptyAgain()
    {
        var total = new FixedPointSum(2);
        total.Add(Travelled(1, 2));

        total.Clear();

        Assert.Equal([0L, 0L], total.Values.ToArray());
    }

    private static FixedPointSum Of(params float[] values)
    {
        var sum = new FixedPointSum(values.Length);
        Assert.True(sum.TryAdd(Update(values), 1, 0, 1));
        return sum;
    }

    private static FixedPointSum Travelled(params float[] values) => Of(values) is var sum
        ? new(sum.Encoded.ToArray(), sum.Weight, sum.Loss, sum.Clients, sum.Examples, sum.MaxWeight) : throw new InvalidOperationException();

    private static UpdateBuffer Update(params float[] values)
    {
        var buffer = new UpdateBuffer();
        values.CopyTo(buffer.Segment(0, values.Length));
        return buffer;
    }

    private static float Mean(FixedPointSum sum, int place)
    {
        var mean = new float[sum.Values.Length];
        sum.Mean(mean);
        return mean[place];
    }
}
