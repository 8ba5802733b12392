using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

public sealed class CandidateFilterTests
{
    [Fact]
    public void Apply_ContextAndSmallCohorts_AreNeverCandidates()
    {
        var filter = new CandidateFilter(4, Catalogue(4) with { Context = [0], MinimumCohort = 5 }, [100, 5, 4, 9]);
        float[] scores = [1, 2, 3, 4];

        var removed = filter.Apply(new UserHistory([]), null, scores);

        Assert.Equal([float.NaN, 2, float.NaN, 4], scores);
        Assert.Equal((2, 1), (removed, filter.BelowCohort));
    }

    [Theory]
    [InlineData(new int[0], false)]
    [InlineData(new[] { 1 }, true)]
    [InlineData(new[] { 2 }, true)]
    [InlineData(new[] { 1, 3 }, false)]
    public void Apply_EligibilityRule_DecidesByWhatTheUserHas(int[] history, bool allowed)
    {
        var filter = new CandidateFilter(5, Catalogue(5) with { Eligibility = [new EligibilityRule(4, [1, 2], [3], "only with 1 or 2, not with 3")] }, []);
        float[] scores = [0, 0, 0, 0, 0];

        filter.Apply(history, null, scores);

        Assert.Equal(allowed, !float.IsNaN(scores[4]));
        Assert.Equal(("only with 1 or 2, not with 3", null), (filter.ConditionOf(4), filter.ConditionOf(0)));
    }

    [Fact]
    public void Apply_Lifetimes_TakesDeadAndFutureItemsOutAndFavoursNewOnes()
    {
        var lifetimes = new ItemLifetimes([0, 40, 90, 101], TimeToLive: 60, HalfLife: 10, Weight: 2, Newest: 100);
        var filter = new CandidateFilter(4, Catalogue(4) with { Lifetimes = lifetimes }, []);
        float[] scores = [5, 1, 3, 9];

        var removed = filter.Apply(new UserHistory([]), 99, scores); // the two live scores are 1 and 3: their deviation is 1

        Assert.Equal(2, removed);
        Assert.Equal([float.NaN, 1 + (float)(2 * Math.Pow(2, -5.9)), 3 + (float)(2 * Math.Pow(2, -0.9)), float.NaN], scores);
    }

    [Fact]
    public void Apply_NoTimeGiven_TakesTheNewestOfTheData()
    {
        var lifetimes = new ItemLifetimes([0, 40, 90, 101], TimeToLive: 60, HalfLife: 10, Weight: 0, Newest: 101);
        var filter = new CandidateFilter(4, Catalogue(4) with { Lifetimes = lifetimes }, []);
        float[] scores = [1, 2, 3, 4];

        filter.Apply(new UserHistory([]), null, scores);

        Assert.Equal([float.NaN, float.NaN, 3, 4], scores);
    }

    private static ItemCatalogue Catalogue(int items) => new([.. Enumerable.Range(0, items).Select(item => $"i{item}")], [.. Enumerable.Range(0, items).Select(_ => Array.Empty<string>())]);
}
