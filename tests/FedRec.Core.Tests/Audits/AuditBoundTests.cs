using FedRec.Core.Audits;

namespace FedRec.Core.Tests.Audits;

public sealed class AuditBoundTests
{
    // Clopper and Pearson's 95 % intervals as statistical tables have them.
    [Theory]
    [InlineData(8, 10, 0.4439, 0.9748)]
    [InlineData(0, 10, 0, 0.3085)]
    [InlineData(5, 100, 0.0164, 0.1128)]
    [InlineData(50, 100, 0.3983, 0.6017)]
    public void Bounds_OfHits_AreThoseOfTheTables(int hits, int trials, double low, double high)
    {
        Assert.Equal(low, BinomialBounds.Lower(hits, trials, 0.975), 1e-4);
        Assert.Equal(high, BinomialBounds.Upper(hits, trials, 0.975), 1e-4);
    }

    [Fact]
    public void Chances_OfAllCounts_AddUpToOne() => Assert.All(
        from trials in new[] { 1, 19, 20, 500 } from chance in new[] { 0, 0.01, 0.5, 0.99, 1 } select (trials, chance),
        one => Assert.Equal(1, Enumerable.Range(0, one.trials + 1).Sum(hits => BinomialBounds.Exactly(hits, one.trials, one.chance)), 1e-9));

    // Without δ, all of r guesses are right with a chance of q^r: the bound is where that is one minus the confidence.
    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void Epsilon_OfGuessesThatAreAllRight_IsWhereRandomisedResponseWouldBe(int guesses)
    {
        var right = Math.Pow(0.05, 1.0 / guesses);

        Assert.Equal(Math.Log(right / (1 - right)), OneRunBound.Epsilon(new CanaryGuesses(guesses, guesses, guesses), delta: 0, confidence: 0.95), 1e-6);
    }

    // By hand, m = r = 2, v = 2, ε = 0 (q = 1/2): β = 1/4; the largest of (1/2) / 1 and (1/2 + 1/4) / 2 is 1/2; 1/4 + 2·2·δ/2.
    [Fact]
    public void Chance_WithDelta_IsThatOfThePaper() => Assert.Equal(0.25 + 0.02, OneRunBound.ChanceOf(new CanaryGuesses(2, 2, 2), 0, 0.01), 1e-12);

    [Fact]
    public void Epsilon_RisesWithWhatIsRight_AndFallsWithDeltaConfidenceAndRules()
    {
        double[] byRight = [.. Enumerable.Range(40, 61).Select(right => OneRunBound.Epsilon(new CanaryGuesses(100, 100, right), 1e-5, 0.95))];
        var all = new CanaryGuesses(100, 100, 90);

        Assert.Equal(byRight.Order(), byRight);
        Assert.Equal(0, byRight[10]); // half of them right is chance
        Assert.True(OneRunBound.Epsilon(all, 1e-2, 0.95) < OneRunBound.Epsilon(all, 0, 0.95));
        Assert.True(OneRunBound.Epsilon(all, 0, 0.99) < OneRunBound.Epsilon(all, 0, 0.95));
        Assert.True(OneRunBound.Epsilon([all, all], 0, 0.95) < OneRunBound.Epsilon(all, 0, 0.95));
    }
}
