using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Native;
using FedRec.Grains.Models;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using static TorchSharp.torch;

namespace FedRec.Grains.Tests.Training;

/// <summary>What a silo keeps in memory, and what it lets go. Alone in the process while tensors are counted.</summary>
[Collection(nameof(AloneCollection))]
public class KeptInMemoryTests
{
    [Fact]
    public async Task VersionInUse_WhileManyRoundsTrain_StaysAndIsNotMadeReadyAgain()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var served = await federation.RunAsync(TestFederation.Request());
        await RecommendAsync(federation);
        var (runs, parameters) = Caches(federation);
        var version = new ModelReference("test/run-1", 0, served.Version);
        var inUse = parameters.TryGet(version, out var before);
        var (committed, kept) = (0, false);
        federation.Gate.After = call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.CommitAsync) } && ++committed == 20) // once: whoever looks uses it
            {
                kept = parameters.TryGet(version, out var now) && ReferenceEquals(before, now) && runs.TryGet("test/run-1", out _);
            }
        };

        var request = TestFederation.Request(rounds: 20);
        await federation.RunAsync(request with { Seed = 2, Rounds = request.Rounds with { PublishEvery = 1_000 } });

        Assert.Equal((true, 20, true), (inUse, committed, kept));
    }

    [Fact]
    public async Task RoundsInTraining_ThatNobodyTrainsForAnyMore_AreLetGo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var parameters = Caches(federation).Parameters;
        var (opened, kept) = (0, Array.Empty<bool>());
        federation.Gate.Before = call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) } && ++opened == 5)
            {
                kept = [.. Enumerable.Range(1, 4).Select(round => parameters.TryGet(new ModelReference("test/run-1", round, 0), out _))];
            }

            return Task.CompletedTask;
        };

        await federation.RunAsync(TestFederation.Request(rounds: 5));

        Assert.Equal([false, false, true, true], kept);
    }

    [Fact]
    public async Task RunInTraining_WhileOthersComeAndGo_StaysAndTheOthersReleaseTheirTensors()
    {
        TorchLoader.EnsureLoaded();
        var before = Tensor.TotalCount;
        await using var federation = await TestFederation.StartAsync(1, configure: silo => silo.Services.Configure<TrainingOptions>(options => options.CachedRuns = 1));
        var hold = await federation.HoldInRoundAsync(TestFederation.Request());
        Assert.True(Caches(federation).Runs.TryGet("test/run-1", out var training));

        await federation.RunAsync(Network("first"));
        var held = Tensor.TotalCount;
        await federation.RunAsync(TestFederation.Request("second", 1));
        var released = Tensor.TotalCount;

        Assert.True(held > before, "The network kept nothing that could be released.");
        Assert.Equal(before, released);
        Assert.True(Caches(federation).Runs.TryGet("test/run-1", out var still));
        Assert.Same(training, still);
        hold.Release();
        Assert.Equal(RunPhase.Completed, (await federation.WaitAsync("test", "run-1")).Phase);
    }

    [Fact]
    public async Task Retire_WhileSomebodyUsesTheRun_ReleasesItsTensorsAfterHim()
    {
        TorchLoader.EnsureLoaded();
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(Network("test"));
        var run = await Caches(federation).Runs.GetAsync("test/run-1", CancellationToken.None);
        var lease = run.Kernels(0);
        var held = Tensor.TotalCount;

        run.Retire();
        var during = Tensor.TotalCount;
        lease.Dispose();
        var after = Tensor.TotalCount;
        run.Kernels(0).Dispose(); // whoever holds the run may still go on

        Assert.Equal(held, during);
        Assert.True(after < held);
        Assert.Equal(after, Tensor.TotalCount);
    }

    private static RunRequest Network(string federation) => TestFederation.Request(federation, 1) with { Learner = "ncf" };

    private static Task<RecommendationAnswer> RecommendAsync(TestFederation federation) =>
        federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u1", 3, false, 0));

    private static (RunCache Runs, ParameterCache Parameters) Caches(TestFederation federation)
    {
        var services = federation.Cluster.Silos[0].ServiceProvider;
        return (services.GetRequiredService<RunCache>(), services.GetRequiredService<ParameterCache>());
    }
}
