using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Evaluation;

/// <summary>On data without structure nothing may beat chance. Learners have the same test beside their own.</summary>
public sealed class NoiseTests
{
    private const int Users = 800;
    private const int Items = 200;
    private const int PerUser = 21; // 20 to train on, 1 to find among the other 180
    private const double Chance = 10.0 / (Items - PerUser + 1);
    private static readonly Dataset s_noise = NoiseData.Create(Users, Items, PerUser, seed: 1).ToDataset();

    [Theory]
    [InlineData("popularity")]
    [InlineData("item-knn")]
    [InlineData("ials")]
    public void Baseline_OnNoise_ScoresAtChance(string name)
    {
        var scorer = BaselineRegistry.Create(name, s_noise, 1);

        var hitRate = HitRate(scorer);

        Assert.InRange(Math.Abs(hitRate - Chance), 0, FourErrors);
    }

    [Fact]
    public void HitRate_OfAScorerThatWasShownTheTestItems_IsFarFromChance()
    {
        var scorer = BaselineRegistry.Create("ials", s_noise with { Train = Both(s_noise) }, 1);

        Assert.True(HitRate(scorer) > Chance + (10 * FourErrors)); // so the test above can fail
    }

    private static double FourErrors => 4 * Math.Sqrt(Chance * (1 - Chance) / Users);

    private static double HitRate(IScorer scorer) =>
        RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(s_noise), [10], threads: 2).Metrics["hr@10"];

    private static UserItems Both(Dataset data)
    {
        var rows = Enumerable.Range(0, Users).Select(u => data.Train.Items(u).ToArray().Concat(data.Test.Items(u).ToArray()).Order().ToArray()).ToArray();
        return new UserItems([.. Enumerable.Range(0, Users + 1).Select(u => u * PerUser)], [.. rows.SelectMany(r => r)]);
    }
}
