using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Runs;

/// <summary>Runs in which nobody waits for anybody: repeatable in virtual time, through crashes too; in real time, a slow client's update counts in a later round, and once.</summary>
public sealed class AsynchronousRunTests
{
    private static readonly RunRequest s_request = TestFederation.Request() with
    {
        LearnerOptions = TestFederation.Request().LearnerOptions.Add("objective", "logistic"),
        Rounds = new RoundSettings { Mode = RoundSettings.Asynchronous, Count = 24, CohortSize = 20, ReportGoal = 4, Straggler = 0.3, Dropout = 0.1 },
    };

    // Whoever was in training when the silo was lost had begun with a model of several rounds before: the checkpoint has it.
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Run_AfterACrash_GoesThroughTheSameRounds(int publishEvery)
    {
        var request = s_request with { Rounds = s_request.Rounds with { PublishEvery = publishEvery } };
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.HoldInRoundAsync(request, fromRound: 13);
            await lost.Cluster.KillSiloAsync(lost.Cluster.Silos[0]);
        }

        await using var federation = await TestFederation.StartAsync(2, states, models);
        var status = await federation.WaitAsync("test", "run-1");
        await using var undisturbed = await TestFederation.StartAsync(1);
        var expected = await undisturbed.RunAsync(request);

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(expected.Rounds.Select(Told), status.Rounds.Select(Told));
        Assert.Contains(status.Rounds, round => round.Staleness.Length > 2);
        Assert.All(status.Rounds, round => Assert.Equal((round.Participants, true), (round.Staleness.Sum(), round.VirtualSeconds > 0)));
    }

    // One client holds nobody up: rounds go on without it, and the first one after it is done counts it, as an update that is behind.
    [Fact]
    public async Task Run_InRealTimeWithASlowClient_CountsItInALaterRoundAndOnce()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var (slow, counted, asked) = (new Hold(), new ConcurrentBag<PartialSum>(), new ConcurrentBag<(string Client, int Round)>());
        federation.Gate.Before = call => call is { Grain: IClientGrain, MethodName: nameof(IClientGrain.TrainAsync) } && call.TargetId.Key.ToString() == "test/3" ? slow.PassAsync() : Task.CompletedTask;
        federation.Gate.After = call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.SubmitAsync), Result: UpdateReceipt.Accepted })
            {
                counted.Add((PartialSum)call.Request.GetArgument(0)!);
            }
        };
        var settings = new RoundSettings { Mode = RoundSettings.Asynchronous, VirtualTime = false, Count = 30, CohortSize = 60, ReportGoal = 10, PublishEvery = 5 };

        var receipt = await federation.StartRunAsync(s_request with { Rounds = settings });
        await slow.Reached;
        await Waiting.UntilAsync(async () => await federation.Grains.GetGrain<IRunGrain>($"test/{receipt.RunId}").GetStatusAsync() is { RoundsDone: >= 4 });
        slow.Release();
        var status = await federation.WaitAsync("test", receipt.RunId);

        Assert.Equal(RunPhase.Completed, status.Phase);
        var updates = counted.SelectMany(sum => sum.Clients.Select(client => (client, sum.Round, Collected: sum.CollectedIn()))).ToList();
        Assert.Equal(updates.Count, updates.Select(update => (update.client, update.Round)).Distinct().Count());
        Assert.Equal(status.Rounds.Sum(round => round.Participants), updates.Count);
        Assert.All(updates, update => Assert.InRange(update.Collected - update.Round, 0, 20));
        var first = updates.Where(update => update.client == 3).MinBy(update => update.Collected);
        Assert.Equal(1, first.Round);
        Assert.True(first.Collected > 4, $"collected in round {first.Collected}");
        Assert.Contains(status.Rounds, round => round.Staleness.Length > 3);
    }

    [Theory]
    [InlineData("ease", "", "", 0, "ease adds up exact statistics")]
    [InlineData("mf", "scaffold=on", "", 0, "has clients keep state that goes with the model of a round")]
    [InlineData("mf", "negatives=4", "topk", 0, "a step of steps keeps what it has not sent")]
    [InlineData("mf", "", "median", 0, "aggregator is median; it must be mean with mode async")]
    [InlineData("mf", "", "", -1, "max-staleness is -1; it must be 0 to 1,000")]
    public async Task Start_WhatCannotBeAsynchronous_IsRefusedAndLeavesNoTrace(string learner, string option, string aggregator, int staleness, string message)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = s_request with
        {
            Learner = learner,
            LearnerOptions = option.Length == 0 ? System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty
                : System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("objective", "logistic").Add(option.Split('=')[0], option.Split('=')[1]),
            Rounds = new RoundSettings
            {
                Mode = RoundSettings.Asynchronous,
                Count = learner == "ease" ? 0 : 5,
                Aggregator = aggregator is "" or "topk" ? "mean" : aggregator,
                Steps = aggregator == "topk" ? "topk=0.1" : null,
                MaxStaleness = staleness == 0 ? null : staleness,
            },
        };

        var receipt = await federation.StartRunAsync(request);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(message, receipt.Message, StringComparison.Ordinal);
        Assert.Empty((await federation.Grains.GetGrain<Contracts.Federations.IFederationGrain>("test").GetSummaryAsync()).Runs);
    }

    private static object Told(RoundRecord round) => (round.Round, round.Phase, round.Asked, round.Participants, round.Dropped, round.Late, round.Loss, round.VirtualSeconds, string.Join(' ', round.Staleness));
}
