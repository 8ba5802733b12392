using System.Numerics;
using FedRec.Core.Privacy.Correlation;

namespace FedRec.Core.Tests.Privacy.Correlation;

/// <summary>The strategies that are found, against published ones and bounds.</summary>
public sealed class StrategySearchTests
{
    // jax_privacy 2.2, test_optimize_single_participation_golden.
    [Fact]
    public void Of_AHundredThousandRoundsOfOneParticipation_IsThatOfJaxPrivacy()
    {
        var found = StrategySearch.Of(new(100_000, 100_000), buffers: 2);

        Assert.Equal([0.9999528892, 0.9857068667], found.Decay, (one, other) => Math.Abs(one / other - 1) < 1e-4);
        Assert.Equal([0.0122853238, 0.1878393665], found.Scale, (one, other) => Math.Abs(one / other - 1) < 1e-3);
        var (decay, scale) = ((double[])[0.9999528892, 0.9857068667], (double[])[0.0122853238, 0.1878393665]);
        var published = new BufferedToeplitz(decay, scale);
        Assert.InRange(Loss(found, new(100_000, 100_000)), 0, Loss(published, new(100_000, 100_000)) * (1 + 1e-8));
    }

    // Ratios to the bound 1 + ln n / π of the optimum (Mathias 1993; arXiv:2404.16706, equation 2.8): jax_privacy, test_optimize_single_participation_near_optimal.
    [Theory]
    [InlineData(10, 1, 1.04)]
    [InlineData(100, 2, 1.03)]
    [InlineData(100, 3, 1.03)]
    [InlineData(1_000, 2, 1.04)]
    [InlineData(1_000, 3, 1.03)]
    [InlineData(10_000, 1, 1.45)]
    [InlineData(10_000, 3, 1.03)]
    [InlineData(10_000, 4, 1.03)]
    public void Of_OneParticipation_IsNearTheBestThatThereIs(int rounds, int buffers, double ratio) =>
        Assert.InRange(Math.Sqrt(Loss(StrategySearch.Of(new(rounds, rounds), buffers), new(rounds, rounds))), 1, ratio * (1 + (Math.Log(rounds) / Math.PI)));

    // Those that jax_privacy found for n = 1000, k = 2 and b = 5: test_optimize_better_than_baseline.
    [Theory]
    [InlineData(1, 5, 2)]
    [InlineData(2, 5, 12)]
    [InlineData(3, 30, 7)]
    [InlineData(2, 100, 5)]
    [InlineData(3, 64, 3)]
    public void Of_ManyParticipations_IsNoWorseThanOneForOthers(int buffers, int separation, int most)
    {
        var baseline = buffers switch
        {
            1 => new BufferedToeplitz([0.9877027559462715], [0.10595704738115597]),
            2 => new([0.993433070819512, 0.6342644427247973], [0.07538320617916519, 0.5144060910151949]),
            _ => new([0.9934331427558322, 0.6342832547407998, 0.6342732636848848], [0.07538346317367392, 0.4808525558278832, 0.0335536865929295]),
        };

        var found = StrategySearch.Of(new(500, separation, most), buffers);

        Assert.InRange(StrategyLoss.MaxLoss(found, new(500, separation, most)), 0, StrategyLoss.MaxLoss(baseline, new(500, separation, most)) * 1.001);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, int.MaxValue)]
    [InlineData(8, 1, int.MaxValue)]
    [InlineData(33, 1, int.MaxValue)]
    public void Best_WhereEveryoneIsInEveryRound_HasNoBuffers(int rounds, int separation, int most) =>
        Assert.Equal(0, StrategySearch.Best(new(rounds, separation, most)).Buffers);

    [Theory]
    [InlineData(16, 2)]
    [InlineData(100, 10)]
    [InlineData(300, 60)]
    [InlineData(1_000, 1_000)]
    public void Best_OfAnySeparation_IsBetterThanIndependentNoiseAndTheSameAgain(int rounds, int separation)
    {
        var limit = new ParticipationLimit(rounds, separation);

        var (max, mean) = (StrategySearch.Best(limit), StrategySearch.Best(limit, StrategyError.Mean));

        Assert.InRange(StrategyLoss.MaxLoss(max, limit), 1, limit.Most * (double)rounds * 0.95);
        Assert.InRange(StrategyLoss.MeanLoss(mean, limit), 1, StrategyLoss.MeanLoss(max, limit) * (1 + 1e-3));
        Assert.InRange(StrategyLoss.MaxLoss(max, limit), 1, StrategyLoss.MaxLoss(mean, limit) * (1 + 1e-3));
        Assert.Equal(max, StrategySearch.Best(limit));
    }

    // A binary tree over n rounds: one client moves a node on each of its levels, and a sum of rounds is made of as many nodes as it has bits (Dwork et al. 2010), or of all below by least squares (Honaker 2015), which is half at best.
    [Theory]
    [InlineData(255)]
    [InlineData(1_023)]
    [InlineData(2_047)]
    public void Best_OfOneParticipation_IsBetterThanATree(int rounds)
    {
        var levels = BitOperations.Log2((uint)rounds) + 1;
        var tree = levels * Enumerable.Range(1, rounds).Max(sum => BitOperations.PopCount((uint)sum));

        Assert.InRange(StrategyLoss.MaxLoss(StrategySearch.Best(new(rounds, rounds)), new(rounds, rounds)), 1, tree / 2.0);
    }

    private static double Loss(BufferedToeplitz strategy, ParticipationLimit limit) =>
        StrategyLoss.SensitivitySquared(strategy.Coefficients(limit.Rounds), limit) * StrategyLoss.MaxError(strategy.Inverse().Coefficients(limit.Rounds));
}
