using FedRec.Core.Privacy.Accounting;
using static FedRec.Core.Tests.Privacy.Accounting.ReferenceRows;

namespace FedRec.Core.Tests.Privacy.Accounting;

public sealed class NoiseSearchTests
{
    [Theory] // Opacus, which stops within 0.01 of the ε that is asked for; its other accountant adds 0.01 to ε
    [InlineData(2250, 1.416, 1.34766)]
    [InlineData(2000, 1.3562, 1.2915)]
    public void SmallestNoise_OfThePublicRows_IsTheSame(long rounds, double byDivergence, double byLosses)
    {
        PrivacyBudget budget = new(8, 1e-5);

        Assert.Equal(1, NoiseSearch.SmallestNoise(budget, 0.04, rounds, RdpAccountant.Guarantee) / byDivergence, 2e-3);
        Assert.Equal(1, NoiseSearch.SmallestNoise(budget, 0.04, rounds, PldAccountant.Guarantee) / byLosses, 2e-3);
    }

    [Fact]
    public void SmallestNoise_AnyBudget_KeepsItAndWouldHardlyKeepItWithLess() =>
        SeededCases.Check(20,
            drawn =>
            {
                var (power, small, sample, many) = (drawn[0], drawn[1], drawn[2], drawn[3]);
                PrivacyBudget budget = new(Math.Pow(10, power), Math.Pow(10, small));
                var (q, rounds) = (Math.Pow(10, sample), (long)Math.Pow(10, many));
                var noise = NoiseSearch.SmallestNoise(budget, q, rounds, RdpAccountant.Guarantee);

                Assert.True(RdpAccountant.Guarantee(Rounds(q, noise, rounds), budget.Delta).Epsilon <= budget.Epsilon);
                Assert.True(noise <= NoiseSearch.Least || RdpAccountant.Guarantee(Rounds(q, noise * 0.999, rounds), budget.Delta).Epsilon > budget.Epsilon);
            },
            (-1.5, 1.5), (-9, -3), (-4, 0), (0, 4));

    // Halving alone asks an accountant some 20 times, each of which takes a quarter of a second by losses.
    [Fact]
    public void SmallestNoise_AnyBudget_IsThatOfHalving_ForFarFewerQuestions()
    {
        var (asked, plain) = (0, 0);
        SeededCases.Check(40,
            drawn =>
            {
                PrivacyBudget budget = new(Math.Pow(10, drawn[0]), Math.Pow(10, drawn[1]));
                IReadOnlyList<PrivacyEvent> Releases(double noise) => Rounds(Math.Pow(10, drawn[2]), noise, (long)Math.Pow(10, drawn[3]));
                PrivacyGuarantee Counted(IReadOnlyList<PrivacyEvent> events, double delta)
                {
                    asked++;
                    return RdpAccountant.Guarantee(events, delta);
                }

                Assert.Equal(Halved(noise => ++plain > 0 && RdpAccountant.Guarantee(Releases(noise), budget.Delta).Epsilon <= budget.Epsilon), NoiseSearch.SmallestNoise(budget, Releases, Counted));
            },
            (-1.5, 1.5), (-9, -3), (-4, 0), (0, 4));

        Assert.InRange(asked, 1, 0.6 * plain);
    }

    [Fact]
    public void MostRounds_OfANoise_IsTheLastThatKeepsTheBudget()
    {
        PrivacyBudget budget = new(4, 1e-6);
        foreach (var accountant in new PrivacyAccountant[] { RdpAccountant.Guarantee, PldAccountant.Guarantee })
        {
            var rounds = NoiseSearch.MostRounds(budget, 0.05, 2, accountant, limit: 5_000);

            Assert.InRange(rounds, 2, 4_999);
            Assert.True(accountant(Rounds(0.05, 2, rounds), budget.Delta).Epsilon <= budget.Epsilon);
            Assert.True(accountant(Rounds(0.05, 2, rounds + 1), budget.Delta).Epsilon > budget.Epsilon);
        }
    }

    [Fact]
    public void Searches_AtTheEnds_AnswerThem()
    {
        PrivacyBudget budget = new(1, 1e-5);

        Assert.Equal(0, NoiseSearch.SmallestNoise(budget, 0, 100, PldAccountant.Guarantee));
        Assert.Equal(0, NoiseSearch.SmallestNoise(budget, 0.1, 0, PldAccountant.Guarantee));
        Assert.Equal(0, NoiseSearch.SmallestNoise(new(double.PositiveInfinity, 1e-5), 0.1, 10, RdpAccountant.Guarantee));
        Assert.InRange(NoiseSearch.SmallestNoise(new(0, 1e-5), 0.1, 10, RdpAccountant.Guarantee), 1e3, 1e6); // ε may be 0 where δ is not
        Assert.Equal(NoiseSearch.Least, NoiseSearch.SmallestNoise(new(1e9, 1e-5), 1, 1, RdpAccountant.Guarantee));
        Assert.Equal(0, NoiseSearch.MostRounds(budget, 0.1, 0, RdpAccountant.Guarantee));
        Assert.Equal(0, NoiseSearch.MostRounds(budget, 1, 0.5, RdpAccountant.Guarantee));
        Assert.Equal(77, NoiseSearch.MostRounds(budget, 0, 1, RdpAccountant.Guarantee, limit: 77));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSearch.SmallestNoise(new(-1, 1e-5), 0.1, 10, RdpAccountant.Guarantee));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSearch.SmallestNoise(new(1, 0), 0.1, 10, RdpAccountant.Guarantee));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSearch.SmallestNoise(new(1, 1e-5), 1.5, 10, RdpAccountant.Guarantee));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSearch.SmallestNoise(new(1, 1e-5), 0.5, -1, RdpAccountant.Guarantee));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSearch.MostRounds(budget, 0.1, 1, RdpAccountant.Guarantee, limit: -1));
    }

    [Fact]
    public void OfUpdates_AnySplit_ComposesToTheWhole() => SeededCases.Check(100,
    drawn =>
    {
        var (noise, times) = (drawn[0], drawn[1]);
        var updates = NoiseSplit.OfUpdates(noise, noise * times);

        // A client moves the count by a half: noise of σ_b on it has the multiplier 2·σ_b.
        PrivacyEvent[] both = [new(new SampledGaussian(updates)), new(new SampledGaussian(noise * times, sensitivity: 0.5))];
        Assert.True(updates > noise);
        Assert.Equal(1, RdpAccountant.Divergence(both, 3) / new SampledGaussian(noise).Divergence(3), 1e-12);
    },
    (0.01, 20), (0.51, 100));

    [Fact]
    public void OfUpdates_UsualCount_CostsLittle()
    {
        Assert.Equal(1.0050, NoiseSplit.OfUpdates(1, 5), 4); // 100 clients, σ_b = 5
        Assert.Equal(0, NoiseSplit.OfUpdates(0, 5));
        Assert.Equal(1, NoiseSplit.OfUpdates(1, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSplit.OfUpdates(1, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSplit.OfUpdates(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSplit.OfUpdates(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSplit.OfUpdates(1, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => NoiseSplit.OfUpdates(-1, 5));
    }

    private static double Halved(Predicate<double> keeps)
    {
        var enough = 1.0;
        while (!keeps(enough))
        {
            enough *= 2;
        }

        var tooLittle = enough / 2;
        for (; tooLittle >= NoiseSearch.Least && keeps(tooLittle); tooLittle /= 2)
        {
            enough = tooLittle;
        }

        while (enough > NoiseSearch.Least && enough > tooLittle * 1.0005)
        {
            var middle = Math.Sqrt(enough * tooLittle);
            (tooLittle, enough) = keeps(middle) ? (tooLittle, middle) : (middle, enough);
        }

        return enough;
    }
}
