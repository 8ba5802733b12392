using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Runs;

/// <summary>Runs without a server: the same model on one silo and on two, and after a crash; their version is the average that the clients come to.</summary>
public sealed class GossipRunTests
{
    private static readonly RunRequest s_request = TestFederation.Request(rounds: 8) with
    {
        LearnerOptions = TestFederation.Request().LearnerOptions.Add("objective", "logistic"),
        Rounds = new RoundSettings { Mode = RoundSettings.Gossip, Topology = "random", Count = 8, Straggler = 0.2, Dropout = 0.1, PublishEvery = 3 },
        EvaluateEvery = 4,
        HoldOutValidation = true,
    };

    [Fact]
    public async Task Run_OnOneSiloAndOnTwoAndAfterACrash_GivesTheSameModel()
    {
        await using var one = await TestFederation.StartAsync(1);
        var expected = await one.RunAsync(s_request);
        await using var two = await TestFederation.StartAsync(2);
        var again = await two.RunAsync(s_request);
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.StartRunAsync(s_request);
            await lost.WaitForCheckpointAsync();
            await lost.Cluster.KillSiloAsync(lost.Cluster.Silos[0]);
        }

        await using var federation = await TestFederation.StartAsync(1, states, models);
        var resumed = await federation.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, 8), (expected.Phase, expected.RoundsDone));
        Assert.Equal([expected.Sha256, expected.Sha256], new[] { again.Sha256, resumed.Sha256 });
        Assert.All(expected.Rounds, round => Assert.Equal((60, true, true), (round.Participants + round.Dropped + round.Late, round.ConsensusDistance > 0, round.VirtualSeconds > 0)));
        Assert.True(expected.Rounds[^1].Loss < expected.Rounds[0].Loss);
        Assert.NotEmpty(expected.Evaluations);
    }

    [Theory]
    [InlineData("cohort", "cohort and report-goal is 5; it must be left out with mode gossip")]
    [InlineData("real time", "virtual time is False; it must be on")]
    [InlineData("topology", "topology is star; it must be ring or random")]
    [InlineData("no mode", "topology is ring; it must be ring or random, and left out unless mode is gossip")]
    [InlineData("statistics", "mode is gossip, but with these options ease adds up exact statistics")]
    public async Task Start_WhatGossipCannotDo_IsRefusedAndLeavesNoTrace(string what, string message)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var rounds = new RoundSettings { Mode = RoundSettings.Gossip, Count = 3 };
        rounds = what switch
        {
            "cohort" => rounds with { CohortSize = 5 },
            "real time" => rounds with { VirtualTime = false },
            "topology" => rounds with { Topology = "star" },
            "no mode" => rounds with { Mode = null, Topology = "ring" },
            _ => rounds with { Count = 0 },
        };
        var request = s_request with { Rounds = rounds, EvaluateEvery = 0 };

        var receipt = await federation.StartRunAsync(what == "statistics" ? request with { Learner = "ease", LearnerOptions = s_request.LearnerOptions.Clear() } : request);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(message, receipt.Message, StringComparison.Ordinal);
        Assert.Empty((await federation.Grains.GetGrain<IFederationGrain>("test").GetSummaryAsync()).Runs);
    }
}
