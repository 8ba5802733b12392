using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Tests.Evaluation;

public sealed class ListMetricTests
{
    // Three users; item 0 is met by three of them, 1 by two, 2 by one, 3 and 4 by nobody. Users 0 and 1 have a held-out item.
    private static readonly UserItems s_train = new([0, 3, 5, 6], [0, 1, 2, 0, 1, 0]);
    private static readonly EvaluationSplit s_split = new(s_train, new UserItems([0, 0, 0, 0], []), new UserItems([0, 1, 2, 2], [3, 4]), 5);

    [Fact]
    public void Novelty_OfTwoLists_IsTheMeanSelfInformation()
    {
        var summary = Evaluate(s_split); // user 0 is shown 3, 4; user 1 is shown 2, 3, 4

        Assert.Equal((2 + 1) / 2.0, summary.Metrics["novelty@1"], 9); // −log2(1/4), −log2(2/4)
        Assert.Equal((2 + 1.5) / 2, summary.Metrics["novelty@2"], 9);
    }

    [Fact]
    public void PopularityBias_OfTwoLists_IsTheirLiftOverTheHistories()
    {
        var (listed, met) = ((0 + (1 / 3.0)) / 2, ((6 / 9.0) + (5 / 6.0)) / 2);

        Assert.Equal((listed / met) - 1, Evaluate(s_split).Metrics["popbias@1"], 8);
    }

    [Fact]
    public void PopularityBias_UserWithoutHistory_IsLeftOut()
    {
        // User 2 has met nothing and is shown item 0, which is popular; user 0 is shown item 3, which nobody has met.
        var split = s_split with { HeldOut = new UserItems([0, 1, 1, 2], [3, 3]), Train = new UserItems([0, 3, 5, 5], [0, 1, 2, 0, 1]) };

        Assert.Equal(-1, Evaluate(split).Metrics["popbias@1"]);
    }

    [Fact]
    public void Diversity_OfTaggedItems_IsOneMinusTheMeanJaccard()
    {
        var split = s_split with { Tags = Tags([], [], ["drama", "war"], ["war", "comedy"], ["war"]) };

        var metrics = Evaluate(split).Metrics;

        Assert.Equal(((1 - (1 / 2.0)) + (1 - (1 / 3.0))) / 2, metrics["diversity@2"], 9); // 3 with 4; 2 with 3
        Assert.Equal((0.5 + (1 - (((1 / 3.0) + (1 / 2.0) + (1 / 2.0)) / 3))) / 2, metrics["diversity@3"], 9);
        Assert.DoesNotContain("diversity@1", metrics.Keys); // one item is no pair
    }

    [Fact]
    public void Diversity_PairsWithoutTags_AreLeftOut()
    {
        var split = s_split with { Tags = Tags([], [], [], ["a"], ["a", "b"]) };

        Assert.Equal(0.5, Evaluate(split).Metrics["diversity@2"], 9); // of user 0 only: user 1's pair is of 2, which has no tags
        Assert.DoesNotContain("diversity@2", Evaluate(s_split).Metrics.Keys);
        Assert.Null(ItemTags.Of(ItemCatalogue.FromIds(new IdMap())));
    }

    [Fact]
    public void Compare_ManyTags_CountsThoseBeyondOneWord()
    {
        string[] many = [.. Enumerable.Range(0, 100).Select(i => $"t{i}")];
        var tags = Tags(many, [.. many.Skip(50)], ["t99"])!;

        Assert.True(tags.TryCompare(0, 1, out var half));
        Assert.True(tags.TryCompare(0, 2, out var little));
        Assert.Equal((0.5, 0.01), (half, little));
    }

    private static ItemTags? Tags(params string[][] tags) => ItemTags.Of(new ItemCatalogue([.. tags.Select(_ => "")], tags));

    private static EvaluationSummary Evaluate(EvaluationSplit split) =>
        RankingEvaluator.EvaluateAll(() => new FixedScorer(5, 4, 3, 2, 1), split, [1, 2, 3], threads: 1);
}
