using FedRec.Core.Audits;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Audits;

public sealed class RocCurveTests
{
    [Fact]
    public void Area_IsTheShareOfPairsInOrder_TiesCountedHalf()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var random = SeedSequence.For(seed, "pairs");
            double[] members = [.. Enumerable.Range(0, 1 + random.NextInt32(20)).Select(_ => (double)random.NextInt32(8))];
            double[] others = [.. Enumerable.Range(0, 1 + random.NextInt32(20)).Select(_ => (double)random.NextInt32(8))];

            var expected = members.Average(member => others.Average(other => member > other ? 1 : member == other ? 0.5 : 0));

            Assert.Equal(expected, new RocCurve(members, others).Area, 1e-12);
            Assert.Equal(1 - expected, new RocCurve(others, members).Area, 1e-12);
        }
    }

    // Placements of the members: 1, 2/3; of the others (one minus): 1, 1, 1/2. Their variances over their numbers: (1/18)/2 + (1/12)/3.
    [Fact]
    public void StandardError_OfFiveScores_IsDeLongs() =>
        Assert.Equal(Math.Sqrt((1.0 / 36) + (1.0 / 36)), new RocCurve([5, 3], [1, 2, 4]).StandardError, 1e-12);

    [Fact]
    public void Interval_OfScoresThatTellNothing_HoldsAHalf_InAboutNineteenOfTwentyDraws()
    {
        var held = Enumerable.Range(1, 400).Count(draw =>
        {
            var random = SeedSequence.For((ulong)draw, "nothing");
            var area = new RocCurve([.. Enumerable.Range(0, 30).Select(_ => random.NextGaussian())], [.. Enumerable.Range(0, 60).Select(_ => random.NextGaussian())]).AreaWithInterval;
            return area.Low <= 0.5 && area.High >= 0.5;
        });

        Assert.InRange(held, 364, 396);
    }

    [Fact]
    public void TrueRateAt_ALowRate_AllowsThatManyMistakes()
    {
        var curve = new RocCurve([0, 98.5, 99.5, 200], Enumerable.Range(1, 100).Select(score => (double)score));

        Assert.Equal(0.25, curve.TrueRateAt(0).Value);
        Assert.Equal(0.5, curve.TrueRateAt(0.01).Value);
        Assert.Equal(0.75, curve.TrueRateAt(0.02).Value);
        Assert.Equal(0.25, new RocCurve([1, 1, 1, 2], [1, 1]).TrueRateAt(0).Value); // of what is equal nobody can take a part
    }

    [Fact]
    public void Points_GoUpFromNobodyToEverybody()
    {
        var points = new RocCurve(Enumerable.Range(0, 300).Select(i => i * 1.1), Enumerable.Range(0, 300).Select(i => (double)i)).Points(50);

        Assert.Equal(new RocPoint(0, 0), points[0]);
        Assert.Equal(new RocPoint(1, 1), points[^1]);
        Assert.InRange(points.Count, 40, 60);
        Assert.All(points.Zip(points.Skip(1)), pair => Assert.True(pair.First.FalseRate <= pair.Second.FalseRate && pair.First.TrueRate <= pair.Second.TrueRate));
    }

    [Fact]
    public void Curve_OfNobody_OrOfNoNumber_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new RocCurve([], [1]));
        Assert.Throws<ArgumentException>(() => new RocCurve([1], [double.NaN]));
    }
}
