using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Evaluation;

public sealed class ClassificationTests
{
    [Fact]
    public void Metrics_OfFourRows_AreCountedByHand()
    {
        var summary = Evaluate([2, -1, 1, -2], [1, 1, 0, 0], new LabelTask(LabelKind.Binary, 1));

        Assert.Equal((0.5, 0.5, 0.5), (summary.Metrics["accuracy"], summary.Metrics["recall"], summary.Metrics["precision"]));
        Assert.Equal(0.75, summary.Metrics["auc"]); // of four pairs only (−1, 1) is the wrong way round
        Assert.DoesNotContain("hr@1", summary.Metrics.Keys);
    }

    [Fact]
    public void Auc_OfManyRows_IsWithinAThousandthOfTheExactOne()
    {
        var random = new SeededRandom(3);
        var labels = Enumerable.Range(0, 3000).Select(_ => random.NextInt32(10) == 0 ? 1 : 0).ToArray();
        var logits = labels.Select(label => (float)(random.NextGaussian() + label - 3)).ToArray();
        var pairs = from one in Enumerable.Range(0, labels.Length) where labels[one] == 1 from other in Enumerable.Range(0, labels.Length) where labels[other] == 0 select logits[one] > logits[other] ? 1.0 : 0;

        Assert.Equal(pairs.Average(), Evaluate(logits, labels, new LabelTask(LabelKind.Binary, 1)).Metrics["auc"], 0.001);
    }

    [Fact]
    public void Metrics_OfRowsOfOneClass_LeaveTheAreaOut() =>
        Assert.DoesNotContain("auc", Evaluate([2, -1], [1, 1], new LabelTask(LabelKind.Binary, 1)).Metrics.Keys);

    [Fact]
    public void Recall_OfSeveralClasses_IsTheirMean()
    {
        var summary = Evaluate([2, 2, -1, 2], [1, 1, 0, 0], new LabelTask(LabelKind.Multiclass, 1)); // 2 of 2, and 1 of 2

        Assert.Equal((0.75, 0.75), (summary.Metrics["recall"], summary.Metrics["accuracy"]));
    }

    private static EvaluationSummary Evaluate(float[] logits, int[] labels, LabelTask task)
    {
        var none = new UserItems(new int[labels.Length + 1], []);
        var split = new EvaluationSplit(none, none, new UserItems([.. Enumerable.Range(0, labels.Length + 1)], labels), 2) { Task = task };
        return RankingEvaluator.EvaluateAll(() => new Logits(logits), split, [1], threads: 2);
    }

    private sealed class Logits(float[] logits) : IScorer
    {
        public void Score(int user, UserHistory history, Span<float> scores) => (scores[0], scores[1]) = (0, logits[user]);
    }
}
