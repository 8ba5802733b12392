using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Data;

public sealed class DistinctNegativesTests
{
    [Fact]
    public void SampleDistinct_AnyAmount_DrawsUnseenItemsOnceEach() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[0, 200], Gen.Int[0, 250], Gen.ULong).Sample((items, own, wanted, seed) =>
        {
            var data = Client(items, Math.Min(own, items));
            var (negatives, random) = (new int[wanted], new SeededRandom(seed));
            var sampler = new NegativeSampler(items);

            var drawn = sampler.SampleDistinct(data, 0, negatives, ref random);

            Assert.Equal(Math.Min(wanted, items - data.Items(0).Length), drawn);
            Assert.Equal(drawn, negatives[..drawn].Distinct().Count());
            Assert.All(negatives[..drawn], item => Assert.InRange(item, 0, items - 1));
            Assert.Empty(negatives[..drawn].Intersect(data.Items(0).ToArray()));
        });

    [Theory]
    [InlineData(10)] // by rejection
    [InlineData(60)] // by listing
    public void SampleDistinct_ManyDraws_AreUniform(int wanted)
    {
        var data = Client(100, 20);
        var (sampler, random, counts) = (new NegativeSampler(100), new SeededRandom(3), new int[100]);
        var negatives = new int[wanted];

        for (var i = 0; i < 4_000; i++)
        {
            sampler.SampleDistinct(data, 0, negatives, ref random);
            foreach (var item in negatives)
            {
                counts[item]++;
            }
        }

        var expected = 4_000.0 * wanted / 80;
        Assert.All(Enumerable.Range(20, 80), item => Assert.Equal(expected, counts[item], 5 * Math.Sqrt(expected)));
    }

    private static ClientData Client(int items, int own) =>
        new(new UserItems([0, own], [.. Enumerable.Range(0, own)]), new[] { 0 }, items);
}
