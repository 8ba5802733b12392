using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Evaluation;

public sealed class SampledMetricTests
{
    private static readonly Dataset s_noise = NoiseData.Create(users: 300, items: 400, perUser: 6, seed: 3).ToDataset();

    [Fact]
    public void Sampled_ConstantScores_AreWorthTenInAHundred()
    {
        var summary = Evaluate(sampled: true);

        Assert.Equal(0.1, summary.Metrics["hr@10/sampled99"], 9);
        Assert.True(summary.Metrics["hr@10"] < 0.03); // the same among all candidates
    }

    [Fact]
    public void Sampled_UnlessAskedFor_IsLeftOut()
    {
        var metrics = Evaluate(sampled: false).Metrics;

        Assert.DoesNotContain(metrics.Keys, name => name.Contains("sampled", StringComparison.Ordinal));
    }

    [Fact]
    public void Find_ScoresOfOwnedItems_AreNeverMet()
    {
        // All that a user has in any split scores above the held-out item; whatever is drawn besides scores below.
        var data = NoiseData.Create(users: 40, items: 200, perUser: 60, seed: 3).ToDataset(holdOutValidation: true);
        var split = EvaluationSplit.Test(data);
        var candidates = new SampledCandidates(split);
        for (var user = 0; user < 40; user++)
        {
            var scores = new float[200];
            int[] owned = [.. split.Train.Items(user), .. split.AlsoRemoved.Items(user)];
            Array.ForEach(owned, item => scores[item] = 2);
            scores[split.HeldOut.Items(user)[0]] = 1;

            Assert.Equal([new TieBlock(0, 1, 1)], candidates.Find(user, split.Train.Items(user), scores));
        }
    }

    [Fact]
    public void Find_FewCandidates_TakesThemAll()
    {
        var split = new EvaluationSplit(new UserItems([0, 1], [0]), new UserItems([0, 0], []), new UserItems([0, 1], [1]), 5);

        Assert.Equal([new TieBlock(1, 2, 1)], new SampledCandidates(split).Find(0, [0], [9, 3, 3, 5, 1]));
    }

    private static EvaluationSummary Evaluate(bool sampled) =>
        RankingEvaluator.EvaluateAll(() => new FixedScorer(new float[s_noise.Items.Count]), EvaluationSplit.Test(s_noise), [10], threads: 2, sampled);
}
