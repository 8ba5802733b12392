using FedRec.Benchmarks.Attacks;
using FedRec.Core.Data;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Federation;

/// <summary>The attacks of the benchmarks on a small federation: each works where nothing defends, and does not where rows are bounded.</summary>
public sealed class AttackTests
{
    private static readonly Dataset s_data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 120, SyntheticItems = 100 });
    private static readonly AttackTrial s_trial = new(s_data, EvaluationSplit.Test(s_data), new() { ["objective"] = "bpr", ["dims"] = "8" }, Rounds: 40);

    [Theory]
    [InlineData("fedrecattack")]
    [InlineData("pipattack")]
    public void Promotion_ByATwentieth_FillsTheListsUndefendedOnly(string attack)
    {
        var undefended = s_trial.Run(AttackList.Promoting[attack], 0.05, "mean", 0, seed: 1);
        var defended = s_trial.Run(AttackList.Promoting[attack], 0.05, "bounded-mean", 0, seed: 1);

        Assert.InRange(undefended.ExposureRatio, 0.4, 1);
        Assert.InRange(defended.ExposureRatio, 0, 0.2); // by chance ten of a hundred
    }

    [Theory]
    [InlineData("sign-flip")]
    [InlineData("cluster")]
    public void Untargeted_ByATenth_SpoilsTheListsUndefendedOnly(string attack)
    {
        var clean = s_trial.Run(null, 0, "mean", 0, seed: 1).Ndcg;
        var undefended = s_trial.Run(AttackList.Untargeted[attack], 0.1, "mean", 0, seed: 1).Ndcg;
        var defended = s_trial.Run(AttackList.Untargeted[attack], 0.1, "bounded-mean", 0, seed: 1).Ndcg;

        Assert.InRange(undefended / clean, 0, 0.85);
        Assert.InRange(defended / clean, 0.85, 2);
    }
}
