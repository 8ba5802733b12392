using FedRec.Core.Privacy.Accounting;
using static FedRec.Core.Tests.Privacy.Accounting.ReferenceRows;

namespace FedRec.Core.Tests.Privacy.Accounting;

public sealed class PldAccountantTests
{
    [Theory] // dp_accounting, whose grid lies above the exact ones too, by less than 2·10⁻⁷ (of a grid of 2²¹ losses); those with three digits are statements
    [InlineData(0.01, 0.7, 120, 1e-5, 2.4612381, 2e-7)]
    [InlineData(1, 0.7, 2, 1e-5, 10.1224946, 2e-7)]
    [InlineData(1, 0.35, 2, 1e-5, 24.7160779, 2e-7)] // sensitivity 2
    [InlineData(0.01, 0.35, 120, 1e-5, 18.6977407, 2e-7)]
    [InlineData(0.0064, 1, 782, 1e-6, 1.199, 5e-4)]
    [InlineData(1, 1, 5, 1e-6, 12.595, 5e-4)]
    public void Guarantee_OfThePublicRows_IsAThousandthAboveAtMost(double q, double sigma, long count, double delta, double expected, double digits)
    {
        var epsilon = PldAccountant.Guarantee(Rounds(q, sigma, count), delta).Epsilon;

        Assert.InRange(epsilon, expected * (1 - digits), expected * 1.001);
    }

    [Theory] // Opacus and microsoft/prv_accountant: estimates with 0.01 added
    [InlineData(0.04, 1.5, 2249, 1e-5, 6.777395712)]
    [InlineData(0.05, 1.5, 1000, 1e-6, 6.20996925)]
    [InlineData(0.2, 3, 100, 1e-6, 3.38122051)]
    [InlineData(0.001, 0.8, 100, 1e-6, 0.27040336)]
    [InlineData(0.001, 1.5, 20000, 1e-6, 0.43700511)]
    public void Guarantee_OfTheRowsWithAnAllowance_IsWithinIt(double q, double sigma, long count, double delta, double upper) =>
        Assert.InRange(PldAccountant.Guarantee(Rounds(q, sigma, count), delta).Epsilon, upper - 0.011, upper + 0.001);

    [Fact]
    public void Delta_OfThePublicRows_IsTheSame()
    {
        Assert.InRange(PldAccountant.Delta(Rounds(0.2, 0.5, 3), 1), 0.15593273, 0.15594); // the first by an integral over two of the three answers
        Assert.InRange(PldAccountant.Delta(Rounds(1, Math.Sqrt(3), 3), 1), 0.1269367, 0.126938);
    }

    // Balle and Wang 2018, arXiv:1805.06083, Theorem 8.
    [Fact]
    public void Guarantee_OfAllUsers_IsThatOfTheAnalyticGaussian() =>
        SeededCases.Check(20,
            drawn =>
            {
                var (noise, count, power) = (drawn[0], (long)drawn[1], drawn[2]);
                var (sigma, delta) = (Math.Pow(10, noise) * Math.Sqrt(count), Math.Pow(10, power));
                var exact = AnalyticEpsilon(Math.Sqrt(count) / sigma, delta);
                var epsilon = PldAccountant.Guarantee(Rounds(1, sigma, count), delta).Epsilon;

                Assert.InRange(epsilon, exact * (1 - 1e-9), (exact * (1 + 1e-6)) + 1e-9);
                if (exact > 0)
                {
                    Assert.InRange(PldAccountant.Delta(Rounds(1, sigma, count), exact), delta * (1 - 1e-9), delta * (1 + 1e-5));
                }
            },
            (-0.5, 1.5), (1, 10_000), (-12, -2));

    // One use with sampling has closed forms in both directions.
    [Fact]
    public void Delta_OfOneSample_IsJustAboveTheExactOne() =>
        SeededCases.Check(40,
            drawn =>
            {
                var (noise, sample, share) = (drawn[0], drawn[1], drawn[2]);
                var (sigma, q) = (Math.Pow(10, noise), Math.Pow(10, sample));
                var epsilon = share * Math.Log(1 + (q * (Math.Exp(((2 * 3 * sigma) + 1) / (2 * sigma * sigma)) - 1))); // up to a loss three deviations out
                var exact = Math.Max(DeltaOfRemoval(sigma, q, epsilon), DeltaOfAddition(sigma, q, epsilon));

                Assert.InRange(PldAccountant.Delta(Rounds(q, sigma, 1), epsilon), exact * (1 - 1e-9), exact * (1 + 1e-4));
            },
            (-0.4, 1), (-3, -0.01), (0.001, 0.9));

    [Fact]
    public void Guarantee_AnyRounds_IsNoMoreThanThatOfRenyiDivergences() =>
        SeededCases.Check(25,
            drawn =>
            {
                var (noise, sample, rounds, power) = (drawn[0], drawn[1], drawn[2], drawn[3]);
                var (events, delta) = (Rounds(Math.Pow(10, sample), Math.Pow(10, noise), (long)Math.Pow(10, rounds)), Math.Pow(10, power));
                var (pld, rdp) = (PldAccountant.Guarantee(events, delta).Epsilon, RdpAccountant.Guarantee(events, delta).Epsilon);

                Assert.InRange(pld, 0, (rdp * 1.0001) + 1e-9);
                if (pld is > 1e-3 and < 50)
                {
                    Assert.InRange(PldAccountant.Delta(events, pld) / delta, 0.5, 1.05); // there and back, by different windows; at the smallest δ a little ε is much of it
                }
            },
            (-0.1, 1), (-4, -0.5), (0, 4), (-10, -3));

    [Fact]
    public void Guarantee_AnyRounds_GrowsWithSampleAndRoundsAndFallsWithNoiseAndDelta() =>
        SeededCases.Check(8,
            drawn =>
            {
                var (noise, sample, rounds) = (drawn[0], drawn[1], (long)drawn[2]);
                var (sigma, q) = (Math.Pow(10, noise), Math.Pow(10, sample));
                double At(double q, double sigma, long count, double delta) => PldAccountant.Guarantee(Rounds(q, sigma, count), delta).Epsilon;
                var epsilon = At(q, sigma, rounds, 1e-6);

                Assert.InRange(At(q, sigma * 1.1, rounds, 1e-6), 0, epsilon);
                Assert.InRange(At(q, sigma, rounds, 1e-5), 0, epsilon);
                Assert.True(At(q * 1.1, sigma, rounds, 1e-6) >= epsilon);
                Assert.True(At(q, sigma, rounds + (rounds / 2), 1e-6) >= epsilon);
            },
            (-0.2, 0.7), (-3, -0.5), (2, 3_000));

    [Fact]
    public void Guarantee_OfTheSameRoundsInAnyOrderAndGrouping_IsTheSame()
    {
        PrivacyEvent small = new(new SampledGaussian(1.1, 0.01), 200), large = new(new SampledGaussian(2, 0.1), 30), all = new(new SampledGaussian(20), 1);
        PrivacyEvent[][] ways =
        [
            [small, large, all],
            [all, large, small],
            [new(small.Mechanism, 150), large, all, new(small.Mechanism, 50)],
            [small, new(new SampledGaussian(4, 0.1, sensitivity: 2), 30), new(new SampledGaussian(20 * Math.Sqrt(2)), 2)], // the same in other words
        ];
        var epsilons = ways.Select(events => PldAccountant.Guarantee(events, 1e-6).Epsilon).ToArray();

        Assert.All(epsilons, epsilon => Assert.Equal(epsilons[0], epsilon, 1e-9));
        Assert.True(epsilons[0] > PldAccountant.Guarantee([small, large], 1e-6).Epsilon);
        Assert.True(epsilons[0] < RdpAccountant.Guarantee(ways[0], 1e-6).Epsilon);
        Assert.All(ways, events => Assert.Equal(RdpAccountant.Guarantee(ways[0], 1e-6).Epsilon, RdpAccountant.Guarantee(events, 1e-6).Epsilon, 1e-6));
    }

    [Fact]
    public void Guarantee_OfNothing_IsZeroAndOfNoNoise_IsInfinite()
    {
        Assert.Equal(0, PldAccountant.Guarantee([], 1e-5).Epsilon);
        Assert.Equal(0, PldAccountant.Guarantee(Rounds(0, 1, 100), 1e-5).Epsilon);
        Assert.Equal(0, PldAccountant.Guarantee(Rounds(0.5, 0, 0), 1e-5).Epsilon);
        Assert.Equal(0, PldAccountant.Guarantee(Rounds(0.5, double.PositiveInfinity, 1), 1e-5).Epsilon);
        Assert.Equal(0, PldAccountant.Guarantee(Rounds(1, 1_000, 1), 0.01).Epsilon);
        Assert.Equal(double.PositiveInfinity, PldAccountant.Guarantee(Rounds(0.5, 0, 1), 1e-5).Epsilon);
        Assert.Equal(1, PldAccountant.Delta(Rounds(0.5, 0, 1), 3));
        Assert.Equal(0, PldAccountant.Delta(Rounds(0.5, 1, 1), double.PositiveInfinity));
    }

    [Fact]
    public void Guarantee_OfAMechanismKnownByItsDivergenceOnly_SaysSo() =>
        Assert.Contains("Rényi", Assert.Throws<ArgumentException>(() => PldAccountant.Guarantee([new PrivacyEvent(new ConcentratedMechanism(0.5))], 1e-5)).Message, StringComparison.Ordinal);

    [Fact]
    public void Forward_OfSomeNumbers_IsTheirTransform()
    {
        const int Size = 16;
        var values = Enumerable.Range(0, Size).Select(i => new System.Numerics.Complex(i * i % 7, i % 3)).ToArray();
        var expected = Enumerable.Range(0, Size).Select(k => values.Select((x, j) => x * System.Numerics.Complex.FromPolarCoordinates(1, -2 * Math.PI * j * k / Size))
            .Aggregate((a, b) => a + b)).ToArray();
        var found = (System.Numerics.Complex[])values.Clone();
        new FourierTransform(Size).Forward(found);

        Assert.All(found.Zip(expected), pair => Assert.InRange((pair.First - pair.Second).Magnitude, 0, 1e-12));
    }

    private static double AnalyticDelta(double mu, double epsilon) => Normal.Below((mu / 2) - (epsilon / mu)) - (Math.Exp(epsilon) * Normal.Below((-mu / 2) - (epsilon / mu)));

    private static double AnalyticEpsilon(double mu, double delta)
    {
        if (AnalyticDelta(mu, 0) <= delta)
        {
            return 0;
        }

        var (low, high) = (0.0, 1_000.0);
        for (var i = 0; i < 100; i++)
        {
            (low, high) = AnalyticDelta(mu, (low + high) / 2) > delta ? ((low + high) / 2, high) : (low, (low + high) / 2);
        }

        return high;
    }

    // The answers above x, at which the loss is ε: P − e^ε·Q.
    private static double DeltaOfRemoval(double sigma, double q, double epsilon)
    {
        var x = (sigma * sigma * Math.Log(1 + ((Math.Exp(epsilon) - 1) / q))) + 0.5;
        return ((1 - q - Math.Exp(epsilon)) * Normal.Above(x / sigma)) + (q * Normal.Above((x - 1) / sigma));
    }

    private static double DeltaOfAddition(double sigma, double q, double epsilon)
    {
        var w = 1 + ((Math.Exp(-epsilon) - 1) / q);
        var x = (sigma * sigma * Math.Log(w)) + 0.5;
        return w <= 0 ? 0 : ((1 - (Math.Exp(epsilon) * (1 - q))) * Normal.Below(x / sigma)) - (Math.Exp(epsilon) * q * Normal.Below((x - 1) / sigma));
    }
}
