using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Evaluation;

public sealed class RankingEvaluatorTests
{
    private static readonly UserItems s_none = new([0, 0, 0, 0], []);

    // Users 0 and 1 have a held-out item each, user 2 has none. Five items.
    private static readonly EvaluationSplit s_split = new(
        new UserItems([0, 2, 3, 4], [0, 1, 0, 2]), s_none, new UserItems([0, 1, 2, 2], [3, 2]), 5);

    [Fact]
    public void Evaluate_FixedScores_RemovesTheTrainingItems()
    {
        var scorer = new FixedScorer(5, 4, 3, 2, 1);

        var summary = Evaluate(scorer, s_split);

        Assert.Equal(2, summary.Users);
        Assert.Equal(0, summary.Metrics["hr@1"]); // user 0 ranks 2 3 4, user 1 ranks 1 2 3 4: both held-out items come second
        Assert.Equal((1, 0.5), (summary.Metrics["hr@2"], summary.Metrics["mrr@2"]));
        Assert.Equal(1 / Math.Log2(3), summary.Metrics["ndcg@2"], 9);
        Assert.Equal(0.4, summary.Metrics["coverage@1"]); // items 2 and 1
    }

    [Fact]
    public void Evaluate_ValidationItems_AreRemovedToo()
    {
        var split = s_split with { AlsoRemoved = new UserItems([0, 1, 2, 2], [2, 1]) };

        Assert.Equal(1, Evaluate(new FixedScorer(5, 4, 3, 2, 1), split).Metrics["hr@1"]);
    }

    [Fact]
    public void Evaluate_ConstantScores_AreWorthChance()
    {
        var summary = Evaluate(new FixedScorer(0, 0, 0, 0, 0), s_split);

        Assert.Equal(((1 / 3.0) + (1 / 4.0)) / 2, summary.Metrics["hr@1"], 9);
        Assert.Equal(((2 / 3.0) + (2 / 4.0)) / 2, summary.Metrics["hr@2"], 9);
    }

    [Fact]
    public void Evaluate_Scorer_SeesTheTrainingItemsOnly()
    {
        var scorer = new FixedScorer(1, 2, 3, 4, 5);

        Evaluate(scorer, s_split);

        Assert.Equal([(0, "0,1"), (1, "0")], scorer.Calls); // and is not asked for user 2
    }

    [Fact]
    public void EvaluateAll_AnyNumberOfThreads_GivesTheSameResult()
    {
        var data = NoiseData.Create(users: 50, items: 40, perUser: 5, seed: 1).ToDataset();
        float[] scores = [.. Enumerable.Range(0, 40).Select(i => (float)(i * 7 % 11))];

        EvaluationSummary Run(int threads) => RankingEvaluator.EvaluateAll(() => new FixedScorer(scores), EvaluationSplit.Test(data), [3, 10], threads);

        Assert.Equal(Run(1).Metrics, Run(7).Metrics);
        Assert.Equal(Run(1).Quantiles, Run(7).Quantiles);
    }

    [Fact]
    public void Splits_OfADataset_KeepHeldOutItemsFromEachOther()
    {
        var data = NoiseData.Create(users: 5, items: 20, perUser: 5, seed: 1).ToDataset(holdOutValidation: true);

        var (test, validation) = (EvaluationSplit.Test(data), EvaluationSplit.Validation(data));

        Assert.Equal((data.Test, data.Validation, data.Train), (test.HeldOut, test.AlsoRemoved, test.Train));
        Assert.Equal((data.Validation, 0), (validation.HeldOut, validation.AlsoRemoved.Count)); // to remove test items would tell of them
    }

    [Fact]
    public void Evaluate_SumsOfAnotherCatalogue_AreRefused() =>
        Assert.Throws<ArgumentException>(() => new RankingEvaluator(s_split).Evaluate(new FixedScorer(1, 2, 3, 4, 5), [0], new MetricSums(EvaluationFrame.Of(s_split with { ItemCount = 6 }, [1]))));

    private static EvaluationSummary Evaluate(IScorer scorer, EvaluationSplit split)
    {
        var sums = new MetricSums(EvaluationFrame.Of(split, [1, 2]));
        new RankingEvaluator(split).Evaluate(scorer, [0, 1, 2], sums);
        return sums.Finish();
    }
}
