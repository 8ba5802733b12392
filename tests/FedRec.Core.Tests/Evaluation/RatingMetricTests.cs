using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Tests.Evaluation;

public sealed class RatingMetricTests
{
    private static readonly EvaluationSplit s_split = new(
        new UserItems([0, 1, 2], [0, 0], [3, 4]), new UserItems([0, 0, 0], []), new UserItems([0, 2, 3], [1, 2, 3], [4, 2, 5]), 5);

    [Fact]
    public void Errors_OfThreePredictions_AreTheFormulas()
    {
        var summary = Evaluate(new Predictor(3.5f), s_split); // errors 0.5, 1.5, 1.5: two users, three ratings

        Assert.Equal(Math.Sqrt((0.25 + 2.25 + 2.25) / 3), summary.Metrics["rmse"], 6);
        Assert.Equal(3.5 / 3, summary.Metrics["mae"], 6);
    }

    [Fact]
    public void Errors_WithoutPredictionsOrRatings_AreLeftOut()
    {
        var implicitly = s_split with { HeldOut = new UserItems([0, 2, 3], [1, 2, 3]) };

        Assert.DoesNotContain("rmse", Evaluate(new FixedScorer(1, 2, 3, 4, 5), s_split).Metrics.Keys);
        Assert.DoesNotContain("rmse", Evaluate(new Predictor(3), implicitly).Metrics.Keys);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)]
    public void Errors_OfABrokenModel_AreLargeButCounted(float prediction)
    {
        var summary = Evaluate(new Predictor(prediction), s_split);

        Assert.Equal((512, 512), (summary.Metrics["rmse"], summary.Metrics["mae"]));
    }

    private static EvaluationSummary Evaluate(IScorer scorer, EvaluationSplit split) => RankingEvaluator.EvaluateAll(() => scorer, split, [1], threads: 2);

    private sealed class Predictor(float rating) : IScorer
    {
        public void Score(int user, UserHistory history, Span<float> scores) => scores.Clear();

        public bool TryPredict(int user, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions)
        {
            predictions.Fill(rating);
            return true;
        }
    }
}
