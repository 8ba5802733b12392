using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Learners;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Grains.Tests.Training;

/// <summary>What a silo holds for rounds and evaluations, each as large as the model, goes when nobody will ask for it any more.</summary>
public sealed class ReleaseTests
{
    [Fact]
    public async Task Run_WhenItHasEnded_LeavesNoRoundAndNoEvaluation()
    {
        await using var federation = await TestFederation.StartAsync(1);

        await federation.RunAsync(TestFederation.Request());

        Assert.Equal((0, 0), await SettledAsync(federation));
    }

    [Fact]
    public async Task Release_RoundsAndEvaluationsThatNobodyAskedFor_AreGoneAfterAWhile()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var services = federation.Cluster.Silos[0].ServiceProvider;
        var run = await services.GetRequiredService<RunCache>().GetAsync("test/run-1", CancellationToken.None);
        var model = run.Learner.Prepare(run.Learner.Initialize(1));
        var time = new FakeTimeProvider();
        var pools = services.GetRequiredService<WorkerPools>();
        await using var rounds = ActivatorUtilities.CreateInstance<LocalAggregation>(services, time);
        await using var evaluations = new LocalEvaluations(pools, services.GetRequiredService<Rivals>(), time);
        var (closed, planned) = (new TrainOrder("test/run-1", 3, 2), new TrainOrder("test/run-1", 4, 2));

        rounds.Enqueue(closed, run, model, 0, run.Simulated!.Partition.Client(0));
        rounds.Enqueue(planned, run, model, 0, run.Simulated!.Partition.Client(0));
        Assert.Equal(1, rounds.Count); // a round has closed when the next one begins
        rounds.Enqueue(planned with { BaseVersion = 3 }, run, model, 0, run.Simulated!.Partition.Client(0));
        Assert.Equal(1, rounds.Count); // planned again from another version: the first plan is void
        rounds.ForgetRun("test/run-2");
        Assert.Equal(1, rounds.Count);
        rounds.ForgetRun("test/run-1");
        Assert.Equal(0, rounds.Count); // the run has ended
        rounds.Enqueue(planned, run, model, 0, run.Simulated!.Partition.Client(0));
        await evaluations.AddAsync(new EvaluateOrder(Guid.NewGuid(), new ModelReference("test/run-1", 1, 0), [10], false), run, model, 0, run.Simulated!.Holdings(0), isRanked: true);
        await pools.Training.RunAsync(_ => 0);
        time.Advance(LocalEvaluations.OrphanedAfter - TimeSpan.FromMinutes(1));
        Assert.Equal(1, evaluations.Count);

        time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal((0, 0), (rounds.Count, evaluations.Count));
    }

    // Another attempt at the run may ask the same clients again: what they come to of the earlier one, their failures too, would be counted as theirs.
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task Forget_WhileAClientTrains_SendsNothingOfIt(bool isForgotten, int sent)
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var services = federation.Cluster.Silos[0].ServiceProvider;
        var run = await services.GetRequiredService<RunCache>().GetAsync("test/run-1", CancellationToken.None);
        var (sink, trained, keeps) = (new Sums(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var rounds = ActivatorUtilities.CreateInstance<LocalAggregation>(services, sink, new FakeTimeProvider());
        var training = rounds.TrainKeepingAsync(new TrainOrder("test/run-1", 2, 1), run, run.Learner.Prepare(run.Learner.Initialize(1)), 0, run.Simulated!.Partition.Client(0), default, _ =>
        {
            trained.SetResult();
            return keeps.Task;
        });
        await trained.Task.WaitAsync(Waiting.Limit);
        Assert.True(await rounds.FlushAsync("test/run-1", 2, evenIfBusy: false)); // the round has asked all

        if (isForgotten)
        {
            rounds.Forget("test/run-1", 2);
        }

        keeps.SetResult();
        await training;
        Assert.Equal(sent, sink.Sent);
    }

    // A silo is told that a round has closed, and does not say when it has heard.
    private static async Task<(int Rounds, int Evaluations)> SettledAsync(TestFederation federation)
    {
        var services = federation.Cluster.Silos[0].ServiceProvider;
        var (rounds, evaluations) = (services.GetRequiredService<LocalAggregation>(), services.GetRequiredService<LocalEvaluations>());
        await Waiting.UntilAsync(() => rounds.Count == 0);

        return (rounds.Count, evaluations.Count);
    }

    private sealed class Sums : IUpdateSink
    {
        public int Sent { get; private set; }

        public Task<UpdateReceipt?> SendAsync(string runKey, PartialSum sum)
        {
            Sent++;
            return Task.FromResult<UpdateReceipt?>(UpdateReceipt.Accepted);
        }
    }
}
