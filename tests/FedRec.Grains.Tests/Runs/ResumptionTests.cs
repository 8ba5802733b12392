using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Runs;

/// <summary>A silo that answers questions trains nothing; the run goes on when it is started again.</summary>
public sealed class ResumptionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedrec-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Questions_AfterACrash_DoNotResumeTrainingAndTheSameStartDoes()
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.LoseInRoundThreeAsync();
        }

        await using var federation = await TestFederation.StartAsync(1, states, models, resumeUnfinished: false);
        var opened = 0;
        federation.Gate.Before = call =>
        {
            opened += call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) } ? 1 : 0;
            return Task.CompletedTask;
        };
        var (grain, run) = (federation.Grains.GetGrain<IFederationGrain>("test"), federation.Grains.GetGrain<IRunGrain>("test/run-1"));

        await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u1", 3, true, 0));
        await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u1", 3, true, 1));
        await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync();
        await grain.GetDataReportAsync();
        await run.ReadEventsAsync(0, TimeSpan.Zero);
        await ((IRemindable)run.AsReference<IRemindable>()).ReceiveReminder("watchdog", default);
        var (asked, active) = (opened, (await grain.GetSummaryAsync()).ActiveRun);
        var receipt = await grain.StartRunAsync(TestFederation.Request());
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal((0, "run-1"), (asked, active));
        Assert.Equal((RunOutcome.Resumed, RunPhase.Completed), (receipt.Outcome, status.Phase));
        Assert.Equal(await UndisturbedAsync(), status.Sha256);
    }

    [Theory]
    [InlineData("the same")]
    [InlineData("another user in front")]
    [InlineData("another order")]
    [InlineData("one rating more")]
    public async Task Resume_WhenTheDataHasChanged_EndsTheRunAndSaysSo(string change)
    {
        var (states, models, file) = (new SurvivingStorage(), new MemoryModelStore(), Path.Combine(_folder.FullName, "rows.csv"));
        string[] rows = [.. Enumerable.Range(0, 300).Select(i => $"u{i % 12},i{((i * i) + (i / 7)) % 15},train").Distinct()];
        await File.WriteAllLinesAsync(file, ["user,item,split", .. rows]);
        var request = TestFederation.Request();
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.LoseInRoundThreeAsync(request, new DataSpec { Path = file });
        }

        await File.WriteAllLinesAsync(file, change switch
        {
            "another user in front" => ["user,item,split", "new,i3,train", .. rows],
            "another order" => ["user,item,split", .. rows.Reverse()],
            "one rating more" => ["user,item,split", .. rows, "u3,i14,train"],
            _ => ["user,item,split", .. rows],
        });
        await using var federation = await TestFederation.StartAsync(1, states, models, resumeUnfinished: false);
        var receipt = await federation.StartRunAsync(request);
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal(RunOutcome.Resumed, receipt.Outcome);
        Assert.Equal(change == "the same" ? RunPhase.Completed : RunPhase.Failed, status.Phase);
        Assert.Equal(change != "the same", status.Reason!.Contains("The data has changed since run-1 began", StringComparison.Ordinal));
        Assert.Equal(change == "the same" ? 1 : 0, (await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync()).Serving);
    }

    private static async Task<string> UndisturbedAsync()
    {
        await using var federation = await TestFederation.StartAsync(1);
        return (await federation.RunAsync(TestFederation.Request())).Sha256;
    }
}
