using FedRec.Core.Privacy.Accounting;
using static FedRec.Core.Tests.Privacy.Accounting.ReferenceRows;

namespace FedRec.Core.Tests.Privacy.Accounting;

public sealed class RdpAccountantTests
{
    [Theory]
    [InlineData(0.01, 2.5, 50, 2.5, 1.08548710e-3)] // dp_accounting, to 10⁻⁴; the exact one is 1.08541805e-3
    [InlineData(0.01, 2.5, 50, 5, 2.18075656e-3)]
    [InlineData(0.01, 2.5, 50, 50, 2.38460375e-2)]
    [InlineData(0.01, 2.5, 50, 100, 167.416308)]
    [InlineData(0.01, 2.5, 50, 1.5, 6.50070897e-4)] // dp_accounting has an upper bound, 6.70579741e-4
    [InlineData(0.01, 0.25, 1, 1.25, 0.11036032)] // AutoDP
    [InlineData(0.01, 0.25, 1, 25, 195.2029477)]
    [InlineData(0.01, 0.5, 1, 1.25, 1.89777364e-3)]
    [InlineData(0.01, 0.5, 1, 2, 5.34550231e-3)]
    [InlineData(0.01, 0.5, 1, 2.25, 8.35411775e-3)]
    public void Divergence_OfThePublicRows_IsTheSame(double q, double sigma, long count, double order, double expected) =>
        AssertWithin(1e-4, expected, RdpAccountant.Divergence(Rounds(q, sigma, count), order));

    [Theory] // ε of other libraries at their orders; the last digits of TensorFlow Privacy are above the exact ones
    [InlineData("tfp", 150 / 60000.0, 1.3, 6000, 1e-5, 0.7242234026)]
    [InlineData("tfp", 100 / 1e5, 1, 30000, 1e-7, 1.4154988495)]
    [InlineData("tfp", 1024 / 1e8, 0.1, 976563, 1e-7, 5907982.3114)]
    [InlineData("dp", 0.01, 0.7, 120, 1e-5, 3.2391922)] // the exact series; published 3.2392676
    [InlineData("dp", 1, 0.7, 2, 1e-5, 10.8602036)]
    [InlineData("dp", 1, 0.35, 2, 1e-5, 26.2880374)] // sensitivity 2
    [InlineData("dp", 1, 1, 5, 1e-6, 13.376)]
    [InlineData("opacus", 0.04, 1.5, 2250, 1e-5, 7.32911117143)]
    [InlineData("opacus", 1, 4.530877117, 1, 1e-6, 1)]
    public void Guarantee_OfThePublicRows_IsTheSame(string orders, double q, double sigma, long count, double delta, double expected)
    {
        var set = orders switch { "tfp" => TensorFlowPrivacy, "opacus" => Opacus, _ => DpAccounting };
        var guarantee = RdpAccountant.Guarantee(Rounds(q, sigma, count), delta, set);

        AssertWithin(1e-4, expected, guarantee.Epsilon);
        Assert.True(RdpAccountant.Guarantee(Rounds(q, sigma, count), delta).Epsilon <= guarantee.Epsilon, "the best order is worse than one of a set");
    }

    [Fact]
    public void Guarantee_OfRowsThatAreNoExactNumbers_IsBesideThem()
    {
        Assert.Equal(1.616, RdpAccountant.Guarantee(Rounds(0.0064, 1, 782), 1e-6, DpAccounting).Epsilon, 5e-4); // published with four digits

        // dp_accounting takes bounds at orders that are no whole numbers, and the best one here is 1.6.
        Assert.InRange(RdpAccountant.Guarantee(Rounds(0.01, 0.35, 120), 1e-5, DpAccounting).Epsilon, 22.59, 22.6248601);
    }

    [Fact]
    public void Guarantee_OfTheSensitivity_IsThatOfSoMuchLessNoise() =>
        Assert.Equal(RdpAccountant.Guarantee(Rounds(0.01, 0.35, 120), 1e-5), RdpAccountant.Guarantee(Rounds(0.01, 0.7, 120, sensitivity: 2), 1e-5));

    [Fact]
    public void Guarantee_OfAConstantDivergence_IsTheConversionAlone()
    {
        var guarantee = RdpAccountant.Guarantee([new PrivacyEvent(new PureMechanism(1.1))], 1e-5, [.. Enumerable.Range(2, 31).Select(order => (double)order)]);

        Assert.Equal(1.32783806176, guarantee.Epsilon, 1e-10);
        Assert.Equal("Rényi divergence of order 32", guarantee.How);
    }

    [Fact]
    public void Guarantee_OfGboardInSpain_IsAsPublished() =>
        Assert.Equal(8.92, RdpAccountant.Guarantee([new PrivacyEvent(new ConcentratedMechanism(0.81))], 1e-10).Epsilon, 0.01);

    [Theory] // 1,600 rounds in one tree: a client is in eleven of its sums; the published ones are upper bounds
    [InlineData(1.13, 19.74)]
    [InlineData(8.83, 2.04)]
    public void Guarantee_OfATree_IsBelowThePublishedBound(double sigma, double bound) =>
        Assert.InRange(RdpAccountant.Guarantee(Rounds(1, sigma, 1, Math.Sqrt(11)), 1e-6).Epsilon, 0.85 * bound, bound);

    [Fact]
    public void Divergence_OfAllUsers_IsThatOfNormalNoise() =>
        Assert.Equal(3 * 7.5 / (2 * 1.3 * 1.3), RdpAccountant.Divergence(Rounds(1, 1.3, 3), 7.5), 1e-12);

    // Three ways to the same numbers: the binomial sum, the integral, and the chord where there is hardly any noise.
    [Theory]
    [InlineData(0.001, 0.8)]
    [InlineData(0.3, 4)]
    [InlineData(0.01, 0.3)]
    [InlineData(1e-7, 2)]
    public void Divergence_BesideAWholeOrder_IsContinuous(double q, double sigma)
    {
        foreach (var order in new[] { 2.0, 3, 9, 33 })
        {
            var (below, at, above) = (At(order - 1e-7), At(order), At(order + 1e-7));
            Assert.InRange(at, below, above);
            Assert.Equal(1, below / above, 1e-4);
        }

        double At(double order) => new SampledGaussian(sigma, q).Divergence(order);
    }

    [Fact]
    public void Divergence_WithHardlyAnyNoise_IsNoLessThanTheChord()
    {
        double Moment(double order) => (order - 1) * new SampledGaussian(0.02, 0.5).Divergence(order);

        Assert.Equal((Moment(2) + Moment(3)) / 2, Moment(2.5), 1e-6);
        Assert.Equal(Moment(2) / 4, Moment(1.25), 1e-6);
    }

    [Fact]
    public void Divergence_AnyMechanism_GrowsWithOrderAndSampleAndFallsWithNoise() =>
        SeededCases.Check(300,
            drawn =>
            {
                var (noise, sample, above) = (drawn[0], drawn[1], drawn[2]);
                var (sigma, q, order) = (Math.Pow(10, noise), Math.Pow(10, sample), 1 + Math.Pow(10, above));
                var divergence = new SampledGaussian(sigma, q).Divergence(order);

                Assert.True(divergence > 0);
                Assert.True(divergence <= new SampledGaussian(sigma, q).Divergence(order * 1.01));
                Assert.True(divergence <= new SampledGaussian(sigma, Math.Min(1, q * 1.01)).Divergence(order) * (1 + 1e-9));
                Assert.True(divergence >= new SampledGaussian(sigma * 1.01, q).Divergence(order));
                Assert.True(divergence <= order / (2 * sigma * sigma) * (1 + 1e-9)); // a sample never tells more
            },
            (-1, 1.5), (-6, 0), (-2, 2));

    [Fact]
    public void Delta_OfTheEpsilonOfADelta_IsIt()
    {
        foreach (var delta in new[] { 1e-3, 1e-5, 1e-9 })
        {
            var events = Rounds(0.02, 1.1, 500);
            AssertWithin(1e-4, delta, RdpAccountant.Delta(events, RdpAccountant.Guarantee(events, delta).Epsilon) * (1 + 1e-6));
        }
    }

    [Fact]
    public void Guarantee_OfNothing_IsZeroAndOfNoNoise_IsInfinite()
    {
        Assert.Equal(0, RdpAccountant.Guarantee([], 1e-5).Epsilon);
        Assert.Equal(0, RdpAccountant.Guarantee(Rounds(0, 1, 100), 1e-5).Epsilon);
        Assert.Equal(0, RdpAccountant.Guarantee(Rounds(0.5, 0, 0), 1e-5).Epsilon);
        Assert.Equal(double.PositiveInfinity, RdpAccountant.Guarantee(Rounds(0.5, 0, 1), 1e-5).Epsilon);
        Assert.Equal(1, RdpAccountant.Delta(Rounds(0.5, 0, 1), 3));
        Assert.Equal(0, RdpAccountant.Delta([], 0));
    }

    [Fact]
    public void Guarantee_WhereDeltaIsLargerThanTheDistance_IsZero() =>
        Assert.Equal(0, RdpAccountant.Guarantee(Rounds(1, 1_000, 1), 0.01).Epsilon);

    [Fact]
    public void Arguments_OutOfRange_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampledGaussian(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampledGaussian(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampledGaussian(1, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampledGaussian(1, -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampledGaussian(1, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampledGaussian(1, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PrivacyEvent(new PureMechanism(1), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PureMechanism(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConcentratedMechanism(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => RdpAccountant.Guarantee([], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RdpAccountant.Guarantee([], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RdpAccountant.Guarantee([], double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => RdpAccountant.Delta([], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RdpAccountant.Divergence(Rounds(0.1, 1, 1), 1));
    }

    private static void AssertWithin(double relative, double expected, double found) => Assert.InRange(found / expected, 1 - relative, 1 + relative);
}
