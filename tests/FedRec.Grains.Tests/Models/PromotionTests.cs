using System.Collections.Immutable;
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

    /// <summary>A version whose run held validation items out.</summary>
    internal static ModelCommit Measured(long version, double ndcg, string split = "validation", string data = "data")
    {
        var commit = ModelGrainTests.Commit(version, $"content {version}");
        var metrics = ImmutableSortedDictionary<string, double>.Empty.Add("ndcg@10", ndcg);
        return new(commit.Manifest with { Measurements = [new ModelMeasurement { Split = split, DataSha256 = data, Users = 60, Metrics = metrics }] }, PromotionPolicy.IfBetter);
    }

    private static (bool Promoted, long Before) Outcome(PromotionPolicy policy, ModelCommit candidate, ModelCommit? serving)
    {
        var decision = Promotion.Decide(policy, candidate.Manifest, serving?.Manifest);
        return (decision.Promoted, decision.Before);
    }
}
