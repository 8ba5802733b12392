using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Data;

public sealed class AgesTests
{
    [Theory]
    [InlineData(new long[] { 10, 30, 20 }, new float[] { 2, 0, 1 })]
    [InlineData(new long[] { 5, 5 }, new float[] { 0.5f, 0.5f })]
    [InlineData(new long[] { 7, 9, 7, 9, 7 }, new float[] { 3, 0.5f, 3, 0.5f, 3 })]
    [InlineData(new long[] { long.MaxValue, long.MinValue }, new float[] { 0, 1 })]
    [InlineData(new long[0], new float[0])]
    public void Of_Times_CountsWhatIsNewerAndSharesEqualPlaces(long[] times, float[] expected)
    {
        var ages = new float[times.Length];

        Ages.Of(times, ages);

        Assert.Equal(expected, ages);
    }

    [Fact]
    public void Among_AnySubset_IsThatOfItsTimes()
    {
        var random = new SeededRandom(3);
        for (var trial = 0; trial < 200; trial++)
        {
            var times = Enumerable.Range(0, 1 + random.NextInt32(30)).Select(_ => (long)random.NextInt32(20)).ToArray();
            var (ages, some) = (new float[times.Length], Enumerable.Range(0, times.Length).Where(_ => random.NextInt32(2) == 0).ToArray());
            Ages.Of(times, ages);
            var (expected, among) = (new float[some.Length], new float[some.Length]);
            Ages.Of([.. some.Select(place => times[place])], expected);

            Ages.Among([.. some.Select(place => ages[place])], among);

            Assert.Equal(expected, among);
        }
    }

    [Fact]
    public void Ages_OfDataInAnotherUnit_AreTheSame()
    {
        var (seconds, milliseconds) = (new UserItems([0, 3], [1, 4, 9], timestamps: [50, 40, 60]), new UserItems([0, 3], [1, 4, 9], timestamps: [50_000, 40_000, 60_000]));

        Assert.Equal(seconds.Ages(0).ToArray(), milliseconds.Ages(0).ToArray());
        Assert.Empty(new UserItems([0, 3], [1, 4, 9]).Ages(0).ToArray());
    }
}
