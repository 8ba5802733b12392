using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Updates;

/// <summary>What is sent and what is kept are the update and what was kept before; the largest are sent, and so many as asked for.</summary>
public sealed class SparsificationTests
{
    private const int Rows = 60;
    private const int Columns = 8;
    private static readonly UpdateLayout s_layout = new(new UpdateBlock("rows", Rows, Columns, BlockRole.Delta));

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void Apply_RoundAfterRound_SendsTheLargestAndKeepsTheRestToTheLastBit(double share)
    {
        var (random, kept, step) = (new SeededRandom(3), new float[s_layout.Length], new Sparsification(share));
        var memory = new StepMemory(default);
        for (var round = 0; round < 30; round++)
        {
            var update = Draw(ref random);
            var (trained, total) = (update.Values.Values.Length, Dense(update.Values).Zip(kept, (one, other) => one + other).ToArray());

            Assert.Equal(UpdateOutcome.Changed, step.Apply(ref update, new UpdateContext(s_layout, default) { Memory = memory }));

            var (sent, rest) = (Dense(update.Values), Dense(Kept(memory)));
            Assert.All(Enumerable.Range(0, total.Length), place => Assert.True(sent[place] == 0 || rest[place] == 0));
            Assert.Equal(total, sent.Zip(rest, (one, other) => one + other));
            Assert.Equal((int)Math.Ceiling(share * trained), sent.Count(value => value != 0));
            Assert.True(sent.Where(value => value != 0).Min(MathF.Abs) >= rest.Max(MathF.Abs));
            kept = rest;
        }
    }

    [Fact]
    public void Apply_ByHand_SendsTheFirstOfEqualOnes()
    {
        var buffer = new UpdateBuffer();
        new[] { 2f, -3f, 2f, 0f }.CopyTo(buffer.Segment(8, 4));
        new[] { 2f, 1f }.CopyTo(buffer.Segment(2, 2));
        var (update, memory) = (new ClientUpdate(buffer, 1, 0.5, 7), new StepMemory(default));

        new Sparsification(0.5).Apply(ref update, new UpdateContext(s_layout, default) { Memory = memory });

        Assert.Equal([(2, "2"), (8, "2,-3")], Segments(update.Values));
        Assert.Equal([(3, "1"), (10, "2")], Segments(Kept(memory)));
        Assert.Equal((1, 0.5, 7), (update.Weight, update.Loss, update.Examples));
    }

    [Fact]
    public void Apply_OfZeros_SendsNone()
    {
        var buffer = new UpdateBuffer();
        new[] { 0f, 0f, 4f, -0f }.CopyTo(buffer.Segment(0, 4));
        var (update, memory) = (new ClientUpdate(buffer, 1, 0, 1), new StepMemory(default));

        new Sparsification(0.9).Apply(ref update, new UpdateContext(s_layout, default) { Memory = memory });

        Assert.Equal([(2, "4")], Segments(update.Values));
        Assert.Empty(Segments(Kept(memory)));
    }

    [Theory]
    [InlineData("another layout")]
    [InlineData("exact blocks")]
    [InlineData("not finite")]
    public void Apply_WhereItCannot_LeavesTheUpdateAndWhatIsKept(string why)
    {
        var random = new SeededRandom(5);
        var (first, memory) = (Draw(ref random), new StepMemory(default));
        new Sparsification(0.1).Apply(ref first, new UpdateContext(s_layout, default) { Memory = memory });
        var (kept, update) = (memory.Kept, Draw(ref random));
        update.Values.Values[1] = why == "not finite" ? float.NaN : 1;
        var before = update.Encode();
        var layout = why switch
        {
            "another layout" => new UpdateLayout(new UpdateBlock("others", Rows, Columns, BlockRole.Delta)),
            "exact blocks" => new UpdateLayout(new UpdateBlock("rows", Rows - 1, Columns, BlockRole.Delta), new UpdateBlock("counts", 1, Columns, BlockRole.Count)),
            _ => s_layout,
        };

        var outcome = new Sparsification(0.999).Apply(ref update, new UpdateContext(layout, default) { Memory = memory });

        if (why == "another layout")
        {
            Assert.Equal(Dense(ClientUpdate.Decode(before, s_layout.Length).Values), Dense(update.Values).Zip(Dense(Kept(memory)), (one, other) => one + other)); // nothing of what was kept
            return;
        }

        Assert.Equal(UpdateOutcome.Unchanged, outcome);
        Assert.Equal((Convert.ToHexString(before), Convert.ToHexString(kept.Span)), (Convert.ToHexString(update.Encode()), Convert.ToHexString(memory.Kept.Span)));
    }

    [Theory]
    [InlineData("topk=0.1", 4.0)]
    [InlineData("topk=0.1,zstd", 5.0)]
    [InlineData("topk=0.1,int8,zstd", 11.0)]
    [InlineData("clip=0.01,topk=0.1,int8,zstd", 11.0)]
    public void Bytes_OfTheLargestTenth_AreSoMuchFewer(string steps, double times)
    {
        var random = new SeededRandom(7);
        var update = Draw(ref random);
        var plain = update.EncodedBytes;

        FederationParts.BuiltIn().Steps(steps).Apply(ref update, new UpdateContext(s_layout, SeedSequence.For(1, 1, 1)) { Memory = new StepMemory(default) });

        Assert.Equal(update.EncodedBytes, update.Encode().LongLength);
        Assert.Equal(Dense(update.Values), Dense(ClientUpdate.Decode(update.Encode(), s_layout.Length).Values));
        Assert.True(plain >= times * update.EncodedBytes, $"{steps}: {plain} to {update.EncodedBytes} bytes, {(double)plain / update.EncodedBytes:0.00} times");
    }

    [Fact]
    public void Clip_AfterIt_BoundsWhatIsSentAndNotWhatIsKept()
    {
        var random = new SeededRandom(9);
        var (update, memory) = (Draw(ref random), new StepMemory(default));
        var total = Dense(update.Values);

        var outcome = FederationParts.BuiltIn().Steps("topk=0.2,clip=0.5").Apply(ref update, new UpdateContext(s_layout, default) { Memory = memory });

        var rest = Dense(Kept(memory));
        Assert.Equal(UpdateOutcome.Changed | UpdateOutcome.Clipped, outcome);
        Assert.InRange(NormClipping.Length(update.Values, s_layout), 0.49, 0.5);
        Assert.All(Enumerable.Range(0, total.Length), place => Assert.True(rest[place] == total[place] || (rest[place] == 0 && Dense(update.Values)[place] != 0)));
    }

    [Theory]
    [InlineData("topk=0.1", "exact statistics beside their directions", "on")]
    [InlineData("topk", "topk is 0; it must be the share")]
    [InlineData("topk=1", "topk is 1; it must be the share")]
    [InlineData("topk=0.1,topk=0.2", "only one step may keep something")]
    [InlineData("int8,topk=0.1", "nothing except zstd may come after")]
    public void Steps_ThatCannotBe_AreRefused(string steps, string why, string scaffold = "off") => Assert.Contains(
        why,
        Assert.Throws<ArgumentException>(() => UpdateWay.For(
            LearnerRegistry.Create("mf", new Dictionary<string, string> { ["objective"] = "bpr", ["scaffold"] = scaffold }, new FederationShape(20, 5)), FederationParts.BuiltIn(), new UpdateSettings(Steps: steps), 5)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Send_WithWhatTheLearnerKeepsBeside_GivesEachItsOwn()
    {
        var learner = LearnerRegistry.Create("mf", new Dictionary<string, string> { ["objective"] = "bpr", ["dims"] = "4" }, new FederationShape(20, 5));
        var way = new UpdateWay(FederationParts.BuiltIn().Steps("topk=0.1"), MeanAggregator.Instance);
        var algorithm = new FederatedAlgorithm(learner, new FederatedOptions(way, ClientWeighting.Parse("uniform", 0), _ => new SgdOptimizer(), 1), 5, [3]);
        var recipe = learner.Recipe(LearningPhase.Training);
        var (random, kept) = (new SeededRandom(1), ReadOnlyMemory<byte>.Empty);
        for (var round = 1; round <= 3; round++)
        {
            var buffer = new UpdateBuffer();
            foreach (ref var value in buffer.Segment(0, 40))
            {
                value = (float)random.NextGaussian();
            }

            byte[] own = [(byte)round, 2, 3];
            var (update, _, after) = algorithm.Send(recipe, round, 0, new LocalResult(0, 1) { State = own }, buffer, kept);

            Assert.Equal(4, Dense(update.Values, recipe.Update.Length).Count(value => value != 0));
            Assert.Equal(own, algorithm.TaskOf(round, 0, null!, after).State.ToArray());
            Assert.True(algorithm.KeepsState);
            kept = after;
        }
    }

    private static ClientUpdate Draw(ref SeededRandom random)
    {
        var buffer = new UpdateBuffer();
        for (var row = random.NextInt32(3); row < Rows; row += 1 + random.NextInt32(3))
        {
            foreach (ref var value in buffer.Segment((Rows - 1 - row) * Columns, Columns)) // not in the order of places
            {
                value = (float)random.NextGaussian();
            }
        }

        return new ClientUpdate(buffer, 1, 0.5, 3);
    }

    private static UpdateBuffer Kept(StepMemory memory) => ClientUpdate.Decode(memory.Kept.Span[4..], s_layout.Length).Values;

    private static float[] Dense(UpdateBuffer buffer) => Dense(buffer, s_layout.Length);

    private static float[] Dense(UpdateBuffer buffer, int length)
    {
        var dense = new float[length];
        for (var segment = 0; segment < buffer.SegmentCount; segment++)
        {
            buffer.SegmentValues(segment).CopyTo(dense.AsSpan(buffer.Offset(segment)));
        }

        return dense;
    }

    private static (int, string)[] Segments(UpdateBuffer buffer) =>
        [.. Enumerable.Range(0, buffer.SegmentCount).Select(segment => (buffer.Offset(segment), string.Join(',', buffer.SegmentValues(segment).ToArray())))];
}
