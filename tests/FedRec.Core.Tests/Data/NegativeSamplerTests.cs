using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Training;

namespace FedRec.Core.Tests.Data;

public sealed class NegativeSamplerTests
{
    private const int HeldOut = 7;

    [Fact]
    public void Sample_AnyTrainingItems_AreNeverDrawn() => Gen.Select(Gen.Int[1, 200], Gen.Double[0, 1], Gen.ULong).Sample(
        (items, share, seed) =>
        {
            var random = new SeededRandom(seed);
            var own = Enumerable.Range(0, items).Where(_ => random.NextDouble() < share).ToArray();
            var negatives = new int[50];

            var drawn = new NegativeSampler(items).Sample(Client(items, own), 0, negatives, ref random);

            Assert.Equal(own.Length == items ? 0 : 50, drawn);
            Assert.All(negatives.Take(drawn), item => Assert.True(item >= 0 && item < items && !own.Contains(item)));
        },
        iter: 200);

    [Theory]
    [InlineData(20, 3)] // few training items: rejection
    [InlineData(20, 15)] // many: a list of the unseen ones
    public void Sample_HeldOutItem_IsAsLikelyAsAnyOther(int items, int trainingItems)
    {
        const int Draws = 200_000;
        int[] own = [.. Enumerable.Range(0, items).Where(i => i != HeldOut).Take(trainingItems)];
        var (counts, random, negatives) = (new int[items], new SeededRandom(5), new int[Draws]);

        new NegativeSampler(items).Sample(Client(items, own), 0, negatives, ref random);

        foreach (var item in negatives)
        {
            counts[item]++;
        }

        var expected = (double)Draws / (items - trainingItems);
        var chiSquare = counts.Where((_, i) => !own.Contains(i)).Sum(c => (c - expected) * (c - expected) / expected);
        Assert.InRange(chiSquare, 0, (items - trainingItems - 1) + (5 * Math.Sqrt(2 * (items - trainingItems - 1)))); // 5 standard deviations
        Assert.InRange(Math.Abs(counts[HeldOut] - expected), 0, 5 * Math.Sqrt(expected));
    }

    [Fact]
    public void Sample_LeakySampler_NeverDrawsTheHeldOutItem()
    {
        var (random, negatives) = (new SeededRandom(5), new int[10_000]);

        new NegativeSampler(20, user => user == 0 ? [HeldOut] : []).Sample(Client(20, [1, 2]), 0, negatives, ref random);

        Assert.DoesNotContain(HeldOut, negatives); // so the test above can fail
        Assert.Contains(HeldOut + 1, negatives);
    }

    [Fact]
    public void Sample_OneUserAfterTheOther_LeavesNoTrace()
    {
        var rows = new UserItems([0, 3, 6], [0, 1, 2, 3, 4, 5]);
        var data = new ClientData(rows, new[] { 0, 1 }, 6);
        var (sampler, random, negatives) = (new NegativeSampler(6), new SeededRandom(1), new int[200]);

        sampler.Sample(data, 0, negatives, ref random);
        var first = negatives.Distinct().Order().ToArray();
        sampler.Sample(data, 1, negatives, ref random);

        Assert.Equal([3, 4, 5], first);
        Assert.Equal([0, 1, 2], negatives.Distinct().Order());
    }

    [Fact]
    public void Sample_SameStream_GivesTheSameItems()
    {
        var (a, b) = (new int[100], new int[100]);
        var (first, second) = (SeedSequence.For(1, 2, 3), SeedSequence.For(1, 2, 3));

        new NegativeSampler(50).Sample(Client(50, [4]), 0, a, ref first);
        new NegativeSampler(50).Sample(Client(50, [4]), 0, b, ref second);

        Assert.Equal(a, b);
        Assert.Equal(first.NextUInt64(), second.NextUInt64());
    }

    [Fact]
    public void Sample_PerUser_AllocatesNothing()
    {
        var (sampler, data, random, negatives) = (new NegativeSampler(500), Client(500, [.. Enumerable.Range(0, 100)]), new SeededRandom(1), new int[400]);
        sampler.Sample(data, 0, negatives, ref random);

        var before = GC.GetAllocatedBytesForCurrentThread();
        sampler.Sample(data, 0, negatives, ref random);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ClientData Client(int items, int[] own) => new(new UserItems([0, own.Length], own), new[] { 0 }, items);
}
