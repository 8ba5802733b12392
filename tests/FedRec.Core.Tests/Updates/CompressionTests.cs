using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Updates;

/// <summary>What is rounded travels without a further loss, errs by chance alone and by no more than a step, and is as small as it says.</summary>
public sealed class CompressionTests
{
    private const int Rows = 200;
    private const int Columns = 16;
    private static readonly UpdateLayout s_layout = new(new UpdateBlock("rows", Rows, Columns, BlockRole.Delta));

    [Theory]
    [InlineData("float16")]
    [InlineData("int8")]
    [InlineData("int4")]
    [InlineData("zstd")]
    [InlineData("float16,zstd")]
    [InlineData("int8,zstd")]
    [InlineData("int4,zstd")]
    [InlineData("clip=0.5,int8,zstd")]
    public void Encode_OfAnySteps_IsReadBackBitForBit(string steps)
    {
        var random = new SeededRandom(7);
        for (var draw = 0; draw < 50; draw++)
        {
            var update = Draw(ref random, Math.Pow(10, (8 * random.NextDouble()) - 4));
            Apply(steps, ref update, draw);

            var read = ClientUpdate.Decode(update.Encode(), s_layout.Length);

            Assert.Equal(update.Values.Values.ToArray().Select(BitConverter.SingleToInt32Bits), read.Values.Values.ToArray().Select(value => BitConverter.SingleToInt32Bits(value)));
            Assert.Equal(Segments(update.Values), Segments(read.Values));
            Assert.Equal((update.Weight, update.Loss, update.Examples, update.Format, update.IsPacked), (read.Weight, read.Loss, read.Examples, read.Format, read.IsPacked));
            Assert.Equal(update.EncodedBytes, update.Encode().LongLength);
            Assert.Equal(update.Encode(), read.Encode());
        }
    }

    [Fact]
    public void Encode_OfNoSteps_IsAsItAlwaysWas()
    {
        var buffer = new UpdateBuffer();
        new[] { 1f, -2f }.CopyTo(buffer.Segment(3, 2));

        Assert.Equal(
            "01000000" + "05000000" + "000000000000f03f" + "000000000000e03f" + "03000000" + "02000000" + "0000803f" + "000000c0",
            Convert.ToHexStringLower(new ClientUpdate(buffer, 1, 0.5, 5).Encode()));
    }

    [Fact]
    public void Encode_OfWholeNumbers_ByHand()
    {
        var buffer = new UpdateBuffer();
        new[] { 7f, -7f, 1f }.CopyTo(buffer.Segment(2, 3));
        new[] { -3f }.CopyTo(buffer.Segment(1, 1)); // before the end of the one before: a distance of -4

        // 4 bits: 7 and -7 (9), then 1 and -3 (d). Distances 2 and -4 in zigzag are 4 and 7.
        Assert.Equal(
            "02000003" + "05000000" + "000000000000f03f" + "0000000000000000" + "0000803f" + "0403" + "0701" + "97" + "d1",
            Convert.ToHexStringLower((new ClientUpdate(buffer, 1, 0, 5) with { Format = ValueFormat.Nibbles, Scale = 1 }).Encode()));
    }

    [Theory]
    [InlineData("float16", 0.001)]
    [InlineData("int8", 1.0 / 127)]
    [InlineData("int4", 1.0 / 7)]
    public void Rounding_OnAverage_LeavesValuesWhereTheyAreAndErrsByLessThanAStep(string steps, double step)
    {
        const int draws = 4_000;
        var random = new SeededRandom(3);
        var original = Draw(ref random, 1);
        var largest = original.Values.Values.ToArray().Max(MathF.Abs);
        var sums = new double[original.Values.Values.Length];
        for (var draw = 0; draw < draws; draw++)
        {
            var update = Copy(original);
            Apply(steps, ref update, draw);
            for (var i = 0; i < sums.Length; i++)
            {
                Assert.InRange(update.Values.Values[i], original.Values.Values[i] - (step * largest * 1.001), original.Values.Values[i] + (step * largest * 1.001));
                sums[i] += update.Values.Values[i];
            }
        }

        // A value between two neighbours errs with a deviation of half a step at most: 6 deviations of the mean, over all values.
        var bound = 6 * step * largest / 2 / Math.Sqrt(draws);
        Assert.All(sums.Zip(original.Values.Values.ToArray()), one => Assert.InRange((one.First / draws) - one.Second, -bound, bound));
    }

    [Fact]
    public void Rounding_IsTheSameForTheSameClientAndAnotherForAnother()
    {
        var random = new SeededRandom(9);
        var original = Draw(ref random, 1);
        byte[] Sent(int client)
        {
            var update = Copy(original);
            Apply("int8,zstd", ref update, client);
            return update.Encode();
        }

        Assert.Equal(Sent(1), Sent(1));
        Assert.NotEqual(Sent(1), Sent(2));
    }

    [Theory]
    [InlineData("float16", 2.0)]
    [InlineData("int8", 3.7)]
    [InlineData("int4", 6.5)]
    [InlineData("int8,zstd", 4.0)]
    [InlineData("int4,zstd", 8.0)]
    public void Bytes_OfRowsOfAnUpdate_AreSoMuchFewer(string steps, double times)
    {
        var random = new SeededRandom(5);
        var update = Draw(ref random, 0.01);
        var plain = update.EncodedBytes;

        Apply(steps, ref update, 1);

        Assert.True(plain >= times * update.EncodedBytes, $"{steps}: {plain} to {update.EncodedBytes} bytes, {(double)plain / update.EncodedBytes:0.00} times");
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("int4")]
    [InlineData("float16")]
    public void Clipping_AfterRounding_HoldsItsBoundAndStaysOnTheGrid(string steps)
    {
        var random = new SeededRandom(11);
        for (var draw = 0; draw < 200; draw++)
        {
            var update = Draw(ref random, 1);
            Apply(steps, ref update, draw);

            new NormClipping(0.7).Apply(ref update, default(UpdateContext) with { Layout = s_layout });

            Assert.InRange(NormClipping.Length(update.Values, s_layout), 0.6, 0.7);
            Assert.Equal(update.Values.Values.ToArray(), ClientUpdate.Decode(update.Encode(), s_layout.Length).Values.Values.ToArray());
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(0f)]
    public void Rounding_WhatCannotBeRounded_IsLeftAsItIs(float value)
    {
        foreach (var steps in value == 0 ? new[] { "int8", "int4" } : ["int8", "int4", "float16"])
        {
            var buffer = new UpdateBuffer();
            new[] { value, value }.CopyTo(buffer.Segment(0, 2));
            var update = new ClientUpdate(buffer, 1, 0, 1);

            Apply(steps, ref update, 1);

            Assert.Equal((ValueFormat.Plain, value), (update.Format, update.Values.Values[1]));
        }
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("float16")]
    public void Rounding_OfAPhaseWithExactBlocks_LeavesAllAsItIs(string steps)
    {
        var random = new SeededRandom(4);
        var (update, layout) = (Draw(ref random, 1), new UpdateLayout(new UpdateBlock("rows", Rows - 1, Columns, BlockRole.Delta), new UpdateBlock("counts", 1, Columns, BlockRole.Count)));
        var before = update.Encode();

        FederationParts.BuiltIn().Steps(steps).Apply(ref update, new UpdateContext(layout, SeedSequence.For(1, 1, 1)));

        Assert.Equal(before, update.Encode());
    }

    [Fact]
    public void Decode_OfWhatUnpacksToMoreThanTheLayoutHas_TakesNoMemoryForIt()
    {
        using var compressor = new ZstdSharp.Compressor();
        var head = new ClientUpdate(new UpdateBuffer(), 1, 0, 1).Encode();
        head[3] |= 0x10; // packed
        byte[] sent = [.. head, .. compressor.Wrap(new byte[50_000_000])];
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => ClientUpdate.Decode(sent, s_layout.Length));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Theory]
    [InlineData("int8,clip=1", "nothing except zstd may come after")]
    [InlineData("int8,float16", "nothing except zstd may come after")]
    [InlineData("zstd=3", "it takes no number")]
    [InlineData("int9", "There is no update step 'int9'; use clip, topk, float16, int8, int4, zstd")]
    public void Steps_ThatCannotBe_AreRefused(string steps, string why) =>
        Assert.Contains(why, Assert.Throws<ArgumentException>(() => Way("mf", "bpr", steps)).Message, StringComparison.Ordinal);

    [Fact]
    public void Rounding_OfStatistics_IsRefused() =>
        Assert.Contains("exact statistics", Assert.Throws<ArgumentException>(() => Way("mf", "least-squares", "int8")).Message, StringComparison.Ordinal);

    [Fact]
    public void Decode_OfDamagedBytes_IsRefusedOrGivesAnUpdateOfTheLayout()
    {
        var random = new SeededRandom(13);
        foreach (var steps in new[] { "zstd", "int8", "int4,zstd", "float16" })
        {
            var update = Draw(ref random, 1);
            Apply(steps, ref update, 1);
            var sent = update.Encode();
            for (var draw = 0; draw < 300; draw++)
            {
                var bytes = random.NextInt32(2) == 0 ? sent[..random.NextInt32(sent.Length)] : [.. sent];
                if (bytes.Length == sent.Length)
                {
                    bytes[random.NextInt32(bytes.Length)] ^= (byte)(1 + random.NextInt32(255));
                }

                try
                {
                    var read = ClientUpdate.Decode(bytes, s_layout.Length);
                    Assert.All(Segments(read.Values), segment => Assert.InRange(segment.Offset + segment.Length, 1, s_layout.Length));
                }
                catch (InvalidDataException)
                {
                    // as it should be
                }
            }
        }
    }

    private static UpdateWay Way(string learner, string objective, string steps) => UpdateWay.For(
        LearnerRegistry.Create(learner, new Dictionary<string, string> { ["objective"] = objective }, new FederationShape(20, 5)), FederationParts.BuiltIn(), new UpdateSettings(Steps: steps), 5);

    private static void Apply(string steps, ref ClientUpdate update, int client) =>
        FederationParts.BuiltIn().Steps(steps).Apply(ref update, new UpdateContext(s_layout, SeedSequence.For(1, 1, client)));

    private static ClientUpdate Draw(ref SeededRandom random, double size)
    {
        var buffer = new UpdateBuffer();
        for (var row = random.NextInt32(4); row < Rows; row += 1 + random.NextInt32(4))
        {
            foreach (ref var value in buffer.Segment(row * Columns, Columns))
            {
                value = (float)(size * random.NextGaussian());
            }
        }

        return new ClientUpdate(buffer, 1 + random.NextDouble(), 0.5, 3);
    }

    private static ClientUpdate Copy(ClientUpdate update)
    {
        var buffer = new UpdateBuffer();
        for (var segment = 0; segment < update.Values.SegmentCount; segment++)
        {
            var values = update.Values.SegmentValues(segment);
            values.CopyTo(buffer.Segment(update.Values.Offset(segment), values.Length));
        }

        return update with { Values = buffer };
    }

    private static (int Offset, int Length)[] Segments(UpdateBuffer buffer) =>
        [.. Enumerable.Range(0, buffer.SegmentCount).Select(segment => (buffer.Offset(segment), buffer.SegmentValues(segment).Length))];
}
