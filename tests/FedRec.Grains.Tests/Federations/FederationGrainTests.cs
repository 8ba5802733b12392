using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Federations;

public class FederationGrainTests
{
    [Fact]
    public async Task StartRun_WhileAnotherIsActive_GetsAClearAnswer()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var grain = federation.Grains.GetGrain<IFederationGrain>("test");
        var request = TestFederation.Request();

        var hold = await federation.HoldInRoundAsync(request);
        var first = hold.Receipt!;
        var same = await grain.StartRunAsync(request);
        var other = await grain.StartRunAsync(request with { Seed = 2 });
        hold.Release();
        await federation.WaitAsync("test", first.RunId);

        Assert.Equal((RunOutcome.Started, "run-1"), (first.Outcome, first.RunId));
        Assert.Equal((RunOutcome.Resumed, "run-1"), (same.Outcome, same.RunId));
        Assert.Equal((RunOutcome.Busy, "run-1"), (other.Outcome, other.RunId));
        Assert.Contains("is training run run-1", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartRun_AfterTheActiveOneEnded_Starts()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var first = await federation.RunAsync(TestFederation.Request(rounds: 1));
        var second = await federation.RunAsync(TestFederation.Request(rounds: 1) with { Seed = 2 });

        Assert.Equal(["run-1", "run-2"], [first.RunId, second.RunId]);
        Assert.Equal([1, 2], new[] { first.Version, second.Version });
    }

    [Theory]
    [InlineData("learner")]
    [InlineData("option")]
    [InlineData("data")]
    [InlineData("name")]
    [InlineData("quorum")]
    public async Task StartRun_WrongRequest_IsInvalidAndStartsNothing(string what)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request();
        var wrong = what switch
        {
            "learner" => request with { Learner = "fm" },
            "option" => request with { LearnerOptions = request.LearnerOptions.Add("dimz", "3") },
            "data" => request,
            "name" => request with { Federation = "a/b" },
            _ => request with { Rounds = request.Rounds with { Quorum = 2 } },
        };

        if (what == "data")
        {
            await federation.Grains.GetGrain<IFederationGrain>("test").SimulateAsync(new DataSpec { Path = "no-such-file.csv" });
        }

        var receipt = await federation.Grains.GetGrain<IFederationGrain>("test").StartRunAsync(wrong);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.NotEqual("", receipt.Message);
        Assert.Empty((await federation.Grains.GetGrain<IFederationGrain>("test").GetSummaryAsync()).Runs);
    }

    [Fact]
    public async Task Run_ClusterLostMidRun_GoesOnFromTheLastVersionAndGivesTheSameModel()
    {
        var expected = await UndisturbedAsync();
        var states = new SurvivingStorage();
        var models = new MemoryModelStore();
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.LoseInRoundThreeAsync();
        }

        await using var federation = await TestFederation.StartAsync(2, states, models);
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal(expected.Sha256, status.Sha256);
        Assert.Equal(expected.Version, status.Version);
        Assert.Equal(expected.Rounds.Select(round => round.Round), status.Rounds.Select(round => round.Round));
        await federation.WaitUntilIdleAsync();
    }

    [Fact]
    public async Task Run_StateWriteFailsAfterTheVersionIsCommitted_AdoptsTheVersionInsteadOfTrainingItAgain()
    {
        var states = new SurvivingStorage();
        await using var federation = await TestFederation.StartAsync(1, states);
        var failed = false;
        federation.Gate.After = call =>
        {
            if (!failed && call.ImplementationMethod.Name == nameof(IModelGrain.CommitAsync) && call.Grain is IModelGrain)
            {
                (failed, states.FailWritesOf) = (true, "run");
            }
        };
        states.OnFailure = () => states.FailWritesOf = null;
        var receipt = await federation.StartRunAsync(TestFederation.Request());

        var status = await federation.WaitAsync("test", receipt.RunId);

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal((await UndisturbedAsync()).Version, status.Version);
    }

    [Fact]
    public async Task Stop_DuringARun_PublishesWhatWasTrained()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: 1_000);
        var receipt = await federation.StartRunAsync(request with { Rounds = request.Rounds with { PublishEvery = 1_000 } });
        var run = federation.Grains.GetGrain<IRunGrain>($"test/{receipt.RunId}");

        await run.StopAsync();
        var status = await federation.WaitAsync("test", receipt.RunId);

        Assert.Equal(RunPhase.Stopped, status.Phase);
        Assert.True(status.RoundsDone < 1_000);
        Assert.Equal(status.RoundsDone > 0 ? 1 : 0, status.Version);
    }

    private static async Task<RunStatus> UndisturbedAsync()
    {
        await using var federation = await TestFederation.StartAsync(1);
        return await federation.RunAsync(TestFederation.Request());
    }
}
