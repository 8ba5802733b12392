using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Federations;

/// <summary>A start that was refused, or that failed half-way, leaves no trace: what is asked for next is what is trained, on every silo.</summary>
public class RefusedStartTests
{
    [Fact]
    public async Task StartRun_AfterARefusedOne_TrainsWhatIsAskedForNow()
    {
        await using var federation = await TestFederation.StartAsync(2);
        var grain = federation.Grains.GetGrain<IFederationGrain>("test");

        var refused = await federation.StartRunAsync(TestFederation.Request() with { WarmStart = 99, Seed = 3 });
        var between = await grain.GetSummaryAsync();
        var status = await federation.RunAsync(TestFederation.Request());

        Assert.Equal(RunOutcome.Invalid, refused.Outcome);
        Assert.Empty(between.Runs);
        Assert.Null(between.ActiveRun);
        Assert.Equal((1UL, 0), (status.Request.Seed, status.Request.WarmStart));
        Assert.Equal(await ShaOfAsync(TestFederation.Request()), status.Sha256);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("federations")]
    [InlineData("federation")]
    public async Task StartRun_AfterOneWhoseWriteFailed_TrainsTheSecondRequest(string state)
    {
        var states = new SurvivingStorage { FailWritesOf = state };
        await using var federation = await TestFederation.StartAsync(2, states);
        var grain = federation.Grains.GetGrain<IFederationGrain>("test");
        var second = TestFederation.Request() with { Seed = 2 };

        await Assert.ThrowsAnyAsync<Exception>(() => grain.StartRunAsync(TestFederation.Request()));
        states.FailWritesOf = null;
        var status = await federation.RunAsync(second);

        Assert.Equal(("run-1", 2UL), (status.RunId, status.Request.Seed));
        Assert.Equal(await ShaOfAsync(second), status.Sha256);
        Assert.Equal("run-1", Assert.Single((await grain.GetSummaryAsync()).Runs));
    }

    [Fact]
    public async Task Summary_CrashBetweenTheWritesOfAStart_ShowsNoRunAndNothingTrains()
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            var grain = lost.Grains.GetGrain<IFederationGrain>("test");
            await grain.SimulateAsync(TestFederation.Data);
            states.FailWritesOf = "federation";
            await Assert.ThrowsAnyAsync<Exception>(() => grain.StartRunAsync(TestFederation.Request()));
        }

        states.FailWritesOf = null;
        await using var federation = await TestFederation.StartAsync(1, states, models);
        var run = federation.Grains.GetGrain<IRunGrain>("test/run-1");
        await run.ResumeAsync();

        Assert.Contains("run", states.Writes); // the first write was there
        Assert.Null(await run.GetStatusAsync());
        Assert.True((await run.ReadEventsAsync(0, TimeSpan.Zero)).Ended);
        var summary = await federation.Grains.GetGrain<IFederationGrain>("test").GetSummaryAsync();
        Assert.Empty(summary.Runs);
        Assert.Null(summary.ActiveRun);
        Assert.Equal(0, (await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync()).Latest);
        Assert.Equal("run-1", (await federation.RunAsync(TestFederation.Request() with { Seed = 2 })).RunId);
    }

    [Fact]
    public async Task StartRun_ListedRunThatTheStoreHasLost_IsReplaced()
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        var request = TestFederation.Request(rounds: 1_000_000);
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.StartRunAsync(request with { Rounds = request.Rounds with { PublishEvery = 1_000_000 } });
        }

        states.Lose("run");
        await using var federation = await TestFederation.StartAsync(1, states, models);
        var status = await federation.RunAsync(TestFederation.Request());

        Assert.Equal((RunPhase.Completed, "run-1"), (status.Phase, status.RunId));
        Assert.Equal("run-1", Assert.Single((await federation.Grains.GetGrain<IFederationGrain>("test").GetSummaryAsync()).Runs));
    }

    [Fact]
    public async Task StartRun_WrongRequestWhileARunIsActive_IsInvalid()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var hold = await federation.HoldInRoundAsync(TestFederation.Request());

        var receipt = await federation.StartRunAsync(TestFederation.Request() with { Learner = "fm" });
        hold.Release();

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains("fm", receipt.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartRun_BegunElsewhereAndGivenAgainWhileActive_GoesOnAlthoughAnotherVersionIsInUseThere()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request("public", 1), TestFederation.Data with { Parties = 1 });
        var request = TestFederation.Request() with { WarmStartFrom = new() { Federation = "public" } };
        var hold = await federation.HoldInRoundAsync(request);

        var again = await federation.StartRunAsync(request);
        var other = await federation.StartRunAsync(request with { WarmStart = 7 });
        hold.Release();

        Assert.Equal((RunOutcome.Resumed, RunOutcome.Busy), (again.Outcome, other.Outcome));
    }

    [Fact]
    public async Task Prepare_RunThatIsStoredWithAnotherRequest_IsRefusedByTheSilo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var contexts = federation.Cluster.Silos[0].ServiceProvider.GetRequiredService<RunCache>();

        await Assert.ThrowsAsync<ArgumentException>(() => contexts.PrepareAsync("test/run-1", "the hash of another request"));
    }

    private static async Task<string> ShaOfAsync(RunRequest request)
    {
        await using var undisturbed = await TestFederation.StartAsync(1);
        return (await undisturbed.RunAsync(request)).Sha256;
    }
}
