using CsCheck;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Randomness;

public sealed class DirichletDrawTests
{
    [Fact]
    public void Next_AnyPartsAndAlpha_GivesSharesThatAddUpToOne() => Gen.Select(Gen.Int[1, 50], Gen.Double[-4, 4], Gen.ULong).Sample((parts, exponent, seed) =>
    {
        var random = new SeededRandom(seed);

        var shares = DirichletDraw.Next(parts, Math.Pow(10, exponent), ref random);

        Assert.Equal(parts, shares.Length);
        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        Assert.Equal(1, shares.Sum(), 9);
    });

    [Theory] // the mean and the variance of Gamma(a, 1) are both a
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(7.5)]
    public void NextLogGamma_ManyDraws_HaveTheMeanAndVarianceOfTheDistribution(double shape)
    {
        var random = new SeededRandom(11);
        var draws = Enumerable.Range(0, 100_000).Select(_ => Math.Exp(DirichletDraw.NextLogGamma(shape, ref random))).ToArray();

        var mean = draws.Average();
        Assert.Equal(shape, mean, 5 * Math.Sqrt(shape / draws.Length));
        Assert.InRange(draws.Average(draw => Math.Pow(draw - mean, 2)) / shape, 0.93, 1.07);
    }

    [Theory] // the variance of a share is (n − 1) / (n²(nα + 1))
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(10)]
    public void Next_ManyDraws_HaveTheVarianceOfTheDistribution(double alpha)
    {
        const int Parts = 5;
        var random = new SeededRandom(3);
        var first = Enumerable.Range(0, 50_000).Select(_ => DirichletDraw.Next(Parts, alpha, ref random)[0]).ToArray();

        var expected = (Parts - 1) / (Parts * Parts * ((Parts * alpha) + 1.0));
        Assert.InRange(first.Average(share => Math.Pow(share - 0.2, 2)) / expected, 0.95, 1.05);
    }
}
