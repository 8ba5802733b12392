using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Runs;

/// <summary>A silo that answers questions trains nothing; the run goes on when it is started again.</summary>
public class ResumptionTests
{
    [Fact]
    public async Task Questions_AfterACrash_DoNotResumeTrainingAndTheSameStartDoes()
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await StartAndLoseInRoundThreeAsync(lost);
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

    private static async Task<string> UndisturbedAsync()
    {
        await using var federation = await TestFederation.StartAsync(1);
        return (await federation.RunAsync(TestFederation.Request())).Sha256;
    }

    private static async Task StartAndLoseInRoundThreeAsync(TestFederation lost)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lost.Gate.Before = call =>
        {
            if (call.ImplementationMethod.Name != nameof(IClientGrain.TrainAsync) || ((TrainOrder)call.Request.GetArgument(0)!).Round < 3)
            {
                return Task.CompletedTask;
            }

            reached.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        await lost.Grains.GetGrain<IFederationGrain>("test").StartRunAsync(TestFederation.Request());
        await reached.Task;
        await lost.Cluster.KillSiloAsync(lost.Cluster.Silos[0]);
    }
}
