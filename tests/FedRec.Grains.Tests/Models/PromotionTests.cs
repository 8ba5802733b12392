using System.Collections.Immutable;
using CsCheck;
using FedRec.Contracts.Models;
using FedRec.Grains.Models;

namespace FedRec.Grains.Tests.Models;

/// <summary>Which version goes live: decided from what both were measured at on validation items of the same data.</summary>
public sealed class PromotionTests
{
    [Theory]
    [InlineData(0.0700, 0.0700, true)]
    [InlineData(0.0651, 0.0700, true)] // within the tolerance
    [InlineData(0.0649, 0.0700, false)]
    [InlineData(0.0900, 0.0700, true)]
    public void IfBetter_OnTheSameData_ComparesWithinTheTolerance(double candidate, double serving, bool promoted) =>
        Assert.Equal((promoted, 1L), Outcome(PromotionPolicy.IfBetter, Measured(2, candidate), Measured(1, serving)));

    [Theory]
    [InlineData(PromotionPolicy.Always, true)]
    [InlineData(PromotionPolicy.Never, false)]
    public void AlwaysAndNever_AskForNoMetric(PromotionPolicy policy, bool promoted)
    {
        Assert.Equal((promoted, 1L), Outcome(policy, Measured(2, 0.01), Measured(1, 0.09)));
        Assert.Equal((promoted, 1L), Outcome(policy, Measured(2, 0.09), Measured(1, 0.01)));
        Assert.Equal((promoted, 0L), Outcome(policy, Measured(1, 0.09), null));
    }

    [Theory]
    [InlineData("validation", "other", "it was validated on other data than version 1, in use before, so they were not compared")]
    [InlineData("test", "data", "it has no validation metric, so they were not compared")] // test items decide nothing
    public void IfBetter_WhatCannotBeCompared_GoesLiveAndSaysWhy(string split, string data, string reason)
    {
        var decision = Promotion.Decide(PromotionPolicy.IfBetter, Measured(2, 0.01, split, data).Manifest, Measured(1, 0.09).Manifest);

        Assert.Equal(new PromotionDecision(true, reason, 1), decision);
    }

    [Fact]
    public void IfBetter_WithNothingComparableInUse_GoesLiveAndSaysWhy()
    {
        var plain = ModelGrainTests.Commit(1, "a").Manifest;

        Assert.Equal("no version was in use", Promotion.Decide(PromotionPolicy.IfBetter, plain, null).Reason);
        Assert.Equal("version 1, in use before, has no validation metric, so they were not compared", Promotion.Decide(PromotionPolicy.IfBetter, Measured(2, 0.01).Manifest, plain).Reason);
    }

    [Fact]
    public void IfBetter_AgainAndAgain_NeverServesWhatIsBelowTheBestByMoreThanTheTolerance() => Gen.Double[0.05, 0.1].Array[1, 40].Sample(metrics =>
    {
        var (state, versions, best) = (new ModelState(), new Dictionary<long, ModelManifest>(), 0.0);
        foreach (var metric in metrics)
        {
            var candidate = Measured(state.Latest + 1, metric).Manifest;
            versions[candidate.Version] = candidate;
            state = Commit(state, candidate, versions.GetValueOrDefault(state.Serving)).Trim(keep: 1); // the best may be gone: its bar stays
            var served = Of(versions[state.Serving]);
            best = Math.Max(best, served);

            Assert.True(served >= best - Promotion.Tolerance);
            Assert.Equal(state.Serving == candidate.Version, metric >= best - Promotion.Tolerance);
        }
    });

    [Theory]
    [InlineData("promote", true)]
    [InlineData("promote what is in use", true)]
    [InlineData("rollback", true)]
    [InlineData("nothing", false)]
    public void IfBetter_AfterSomebodyHasChosen_IsHeldToThatVersionAlone(string choice, bool promoted)
    {
        var (first, second, third) = (Measured(1, 0.08).Manifest, Measured(2, 0.076).Manifest, Measured(3, 0.072).Manifest);
        var state = Commit(Commit(new ModelState(), first, null), second, first);
        state = choice switch
        {
            "promote" => state.Promote(1).Promote(2),
            "promote what is in use" => state.Promote(2),
            "rollback" => Commit(state, Measured(9, 0.0755).Manifest, second).Rollback(),
            _ => state,
        };

        var after = Commit(state, third, second);

        Assert.Equal((2L, promoted ? 3L : 2L), (state.Serving, after.Serving));
        Assert.Equal(
            promoted ? "its validation NDCG@10 is 0.0720, and that of version 2, in use before, 0.0760"
                : "its validation NDCG@10 is 0.0720, and 0.0800 is the best of those in use since one was last chosen by hand (version 1); version 2 stays in use",
            after.Versions[^1].Promotion!.Reason);
    }

    [Fact]
    public void Bar_OfOtherDataOrAskedForInAnyCase_IsNotKept()
    {
        var (serving, bar) = (Measured(2, 0.076).Manifest, new PromotionBar(1, 0.08, "data"));

        Assert.Equal(bar, Promotion.BarAfter(PromotionPolicy.IfBetter, Measured(3, 0.077).Manifest, serving, bar));
        Assert.Null(Promotion.BarAfter(PromotionPolicy.IfBetter, Measured(3, 0.081).Manifest, serving, bar));
        Assert.Null(Promotion.BarAfter(PromotionPolicy.IfBetter, Measured(3, 0.01, data: "other").Manifest, serving, bar));
        Assert.Null(Promotion.BarAfter(PromotionPolicy.Always, Measured(3, 0.01).Manifest, serving, bar));
    }

    /// <summary>A version whose run held validation items out.</summary>
    internal static ModelCommit Measured(long version, double ndcg, string split = "validation", string data = "data")
    {
        var commit = ModelGrainTests.Commit(version, $"content {version}");
        var metrics = ImmutableSortedDictionary<string, double>.Empty.Add("ndcg@10", ndcg);
        return new(commit.Manifest with { Measurements = [new ModelMeasurement { Split = split, DataSha256 = data, Users = 60, Metrics = metrics }] }, PromotionPolicy.IfBetter);
    }

    private static ModelState Commit(ModelState state, ModelManifest candidate, ModelManifest? serving) => state.Add(candidate).Decide(
        candidate.Version, Promotion.Decide(PromotionPolicy.IfBetter, candidate, serving, state.Bar), Promotion.BarAfter(PromotionPolicy.IfBetter, candidate, serving, state.Bar));

    private static double Of(ModelManifest version) => version.Measurements[0].Metrics[Promotion.Metric];

    private static (bool Promoted, long Before) Outcome(PromotionPolicy policy, ModelCommit candidate, ModelCommit? serving)
    {
        var decision = Promotion.Decide(policy, candidate.Manifest, serving?.Manifest);
        return (decision.Promoted, decision.Before);
    }
}
