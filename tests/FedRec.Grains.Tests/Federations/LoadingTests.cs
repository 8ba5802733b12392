using System.Collections.Concurrent;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Snapshots;
using FedRec.Grains.Training;
using FedRec.Scenarios;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Federations;

/// <summary>Reading a run's data, however long, keeps nobody from anything, and takes no time of a round.</summary>
public class LoadingTests
{
    [Fact]
    public async Task StartRun_WhoseLoadingNeverEnds_KeepsNobodyFromAnything()
    {
        using var source = new HeldSource();
        await using var federation = await TestFederation.StartAsync(1, configure: source.Configure);
        var served = await federation.RunAsync(TestFederation.Request());
        var grain = federation.Grains.GetGrain<IFederationGrain>("test");
        var starting = federation.StartRunAsync(TestFederation.Request(), HeldSource.Data);
        await source.Reached;

        var answer = await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u1", 3, true, 0));
        var users = await federation.Grains.GetGrain<IRecommenderGrain>("test").FindUsersAsync("", 3);
        var models = await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync();
        var summary = await grain.GetSummaryAsync();
        var directory = await federation.Grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ListAsync();
        var recorded = await grain.NoteRecordedAsync();
        var report = await grain.GetDataReportAsync();
        var other = await federation.RunAsync(TestFederation.Request("other", 1));

        Assert.False(starting.IsCompleted);
        source.Release();
        await starting;
        Assert.Equal((RecommendationOutcome.Found, served.Version), (answer.Outcome, answer.Version));
        Assert.Equal(3, users.Length);
        Assert.Equal(served.Version, models.Serving);
        Assert.Equal(("run-1", "run-2"), (Assert.Single(summary.Runs), summary.ActiveRun));
        Assert.Contains("test", directory);
        Assert.Equal(1, recorded);
        Assert.NotNull(report);
        Assert.Equal(RunPhase.Completed, other.Phase);
    }

    [Fact]
    public async Task StartRun_WhileItLoads_CanBeWatchedAndAnswersOtherStarts()
    {
        using var source = new HeldSource();
        await using var federation = await TestFederation.StartAsync(1, configure: source.Configure);
        var grain = federation.Grains.GetGrain<IFederationGrain>("test");
        var run = federation.Grains.GetGrain<IRunGrain>("test/run-1");
        var starting = federation.StartRunAsync(TestFederation.Request(), HeldSource.Data);
        await source.Reached;

        var (status, events) = (await run.GetStatusAsync(), await run.ReadEventsAsync(0, TimeSpan.Zero));
        var (same, other) = (await federation.StartRunAsync(TestFederation.Request(), HeldSource.Data), await grain.StartRunAsync(TestFederation.Request() with { Seed = 2 }));
        source.Release();
        var receipt = await starting;
        var ended = await federation.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Loading, 0), (status!.Phase, status.RoundsDone));
        Assert.Equal(("run.loading", false), (Assert.Single(events.Events).Kind, events.Ended));
        Assert.Equal((RunOutcome.Resumed, "run-1"), (same.Outcome, same.RunId));
        Assert.Equal((RunOutcome.Busy, "run-1"), (other.Outcome, other.RunId));
        Assert.Equal((RunOutcome.Started, RunPhase.Completed), (receipt.Outcome, ended.Phase));
    }

    [Fact]
    public async Task Stop_WhileItLoads_StartsNothing()
    {
        using var source = new HeldSource();
        await using var federation = await TestFederation.StartAsync(1, configure: source.Configure);
        var run = federation.Grains.GetGrain<IRunGrain>("test/run-1");
        var starting = federation.StartRunAsync(TestFederation.Request(), HeldSource.Data);
        await source.Reached;

        await run.StopAsync();
        var receipt = await starting;

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains("was stopped while its data was being read", receipt.Message, StringComparison.Ordinal);
        Assert.Null(await run.GetStatusAsync());
        Assert.Empty((await run.ReadEventsAsync(0, TimeSpan.Zero)).Events);
        Assert.Equal("run-1", (await federation.RunAsync(TestFederation.Request(rounds: 1), TestFederation.Data)).RunId);
    }

    [Fact]
    public async Task Resume_OnDataThatCannotBeReadAnyMore_FailsWithoutSayingWhatItHoldsOrWhereItLies()
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.LoseInRoundThreeAsync();
        }

        await using var federation = await TestFederation.StartAsync(1, states, models, silo => silo.Services.AddSingleton(new DatasetReader(
            _ => throw new DatasetException("Its columns are 'root:x:0'.", "Name them.", "/srv/secret/shop.csv", 1))));
        var status = await federation.WaitAsync("test", "run-1");
        var events = await federation.Grains.GetGrain<IRunGrain>("test/run-1").ReadEventsAsync(0, TimeSpan.Zero);

        Assert.Equal((RunPhase.Failed, RunStopReason.Error), (status.Phase, status.StopReason));
        Assert.StartsWith("shop.csv, line 1 cannot be read as it was asked for.", status.Reason, StringComparison.Ordinal);
        Assert.All([status.Reason!, .. events.Events.Select(one => one.Text ?? "")], text => Assert.DoesNotMatch("root:x|/srv", text));
    }

    [Fact]
    public async Task Resume_OnSilosThatHaveNotReadTheData_OpensNoRoundBeforeAllHave()
    {
        var (states, models, order) = (new SurvivingStorage(), new MemoryModelStore(), new ConcurrentQueue<string>());
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.LoseInRoundThreeAsync();
        }

        await using var federation = await TestFederation.StartAsync(
            2, states, models, silo => silo.Services.AddSingleton<DatasetReader>(options => Noted(MadeUpData.Open(options), "read", order)), resumeUnfinished: false);
        federation.Gate.Before = call => call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) } ? Noted(Task.CompletedTask, "open", order) : Task.CompletedTask;
        await federation.Grains.GetGrain<IRunGrain>("test/run-1").ResumeAsync();
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal(["read", "read", "open", "open"], order); // rounds 3 and 4
    }

    private static T Noted<T>(T value, string what, ConcurrentQueue<string> order)
    {
        order.Enqueue(what);
        return value;
    }
}
