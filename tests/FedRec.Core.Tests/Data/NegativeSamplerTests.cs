using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Data;

public sealed class NegativeSamplerTests
{
    private const int HeldOut = 7;

    [Fact]
    public void SampleDistinct_AnyTrainingItems_DrawsUnseenItemsOnce() => Gen.Select(Gen.Int[1, 200], Gen.Double[0, 1], Gen.Int[0, 100], Gen.ULong).Sample(
        (items, share, wanted, seed) =>
        {
            var random = new SeededRandom(seed);
            var own = Enumerable.Range(0, items).Where(_ => random.NextDouble() < share).ToArray();
            var negatives = new int[wanted];

            var drawn = new NegativeSampler(items).SampleDistinct(Client(items, own), 0, negatives, ref random);

            Assert.Equal(Math.Min(wanted, items - own.Length), drawn);
            Assert.Equal(drawn, negatives.Take(drawn).Distinct().Count());
            Assert.All(negatives.Take(drawn), item => Assert.True(item >= 0 && item < items && !own.Contains(item)));
        },
        iter: 300);

    [Theory]
    [InlineData(20, 3, 4)] // little is seen or asked for: rejection
    [InlineData(20, 15, 4)] // much is: a list of the unseen items
    [InlineData(20, 3, 12)]
    public void SampleDistinct_HeldOutItem_IsAsLikelyAsAnyOther(int items, int trainingItems, int wanted)
    {
        const int Trials = 40_000;
        int[] own = [.. Enumerable.Range(0, items).Where(i => i != HeldOut).Take(trainingItems)];
        var (sampler, data, counts) = (new NegativeSampler(items), Client(items, own), new int[items]);
        var (random, negatives) = (new SeededRandom(5), new int[wanted]);

        for (var trial = 0; trial < Trials; trial++)
        {
            foreach (var item in negatives[..sampler.SampleDistinct(data, 0, negatives, ref random)])
            {
                counts[item]++;
            }
        }

        var chance = (double)wanted / (items - trainingItems);
        var deviation = Math.Sqrt(Trials * chance * (1 - chance));
        var unseen = Enumerable.Range(0, items).Except(own).ToList();
        Assert.Contains(HeldOut, unseen);
        Assert.All(unseen, item => Assert.InRange(Math.Abs(counts[item] - (Trials * chance)), 0, 4.5 * deviation));
    }

    [Fact]
    public void SampleDistinct_LeakySampler_NeverDrawsTheHeldOutItem()
    {
        var (random, negatives) = (new SeededRandom(5), new int[20]);

        var drawn = new NegativeSampler(20, user => user == 0 ? [HeldOut] : []).SampleDistinct(Client(20, [1, 2]), 0, negatives, ref random);

        Assert.Equal(Enumerable.Range(0, 20).Except([1, 2, HeldOut]), negatives.Take(drawn).Order()); // so the test above can fail
    }

    [Fact]
    public void SampleDistinct_OneUserAfterTheOther_LeavesNoTrace()
    {
        var rows = new UserItems([0, 3, 6], [0, 1, 2, 3, 4, 5]);
        var data = new ClientData(rows, new[] { 0, 1 }, 6);
        var (sampler, random, negatives) = (new NegativeSampler(6), new SeededRandom(1), new int[6]);

        int[] Draw(int user) => [.. negatives.Take(sampler.SampleDistinct(data, user, negatives, ref random)).Order()];

        Assert.Equal([3, 4, 5], Draw(0));
        Assert.Equal([0, 1, 2], Draw(1));
        Assert.Equal([3, 4, 5], Draw(0));
    }

    [Fact]
    public void SampleDistinct_AfterARejectingDraw_AllUnseenItemsAreThereAgain()
    {
        var (sampler, data, random) = (new NegativeSampler(200), Client(200, [0, 1, 2]), new SeededRandom(1));

        sampler.SampleDistinct(data, 0, new int[50], ref random);

        Assert.Equal(197, sampler.SampleDistinct(data, 0, new int[200], ref random));
    }

    [Fact]
    public void SampleDistinct_SameStream_GivesTheSameItems()
    {
        var (a, b) = (new int[10], new int[10]);
        var (first, second) = (SeedSequence.For(1, 2, 3), SeedSequence.For(1, 2, 3));

        new NegativeSampler(50).SampleDistinct(Client(50, [4]), 0, a, ref first);
        new NegativeSampler(50).SampleDistinct(Client(50, [4]), 0, b, ref second);

        Assert.Equal(a, b);
        Assert.Equal(first.NextUInt64(), second.NextUInt64());
    }

    [Fact]
    public void SampleDistinct_PerUser_AllocatesNothing()
    {
        var (sampler, data, random, negatives) = (new NegativeSampler(500), Client(500, [.. Enumerable.Range(0, 100)]), new SeededRandom(1), new int[400]);
        sampler.SampleDistinct(data, 0, negatives, ref random);

        var before = GC.GetAllocatedBytesForCurrentThread();
        sampler.SampleDistinct(data, 0, negatives, ref random);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ClientData Client(int items, int[] own) => new(new UserItems([0, own.Length], own), new[] { 0 }, items);
}
