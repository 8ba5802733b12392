using System.Diagnostics;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Snapshots;
using FedRec.Core.Tests.Privacy.SecureAggregation;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;
using FedRec.Scenarios;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.TestingHost;

namespace FedRec.Grains.Tests;

/// <summary>A cluster of silos in this process with FedRec's grains, storing in memory.</summary>
internal sealed class TestFederation : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private TestFederation(InProcessTestCluster cluster, CallGate gate) => (_cluster, Gate) = (cluster, gate);

    public IClusterClient Grains => _cluster.Client;

    public Serializer Serializer => _cluster.Client.ServiceProvider.GetRequiredService<Serializer>();

    public CallGate Gate { get; }

    public InProcessTestCluster Cluster => _cluster;

    /// <summary>Starts silos. Grain states and models live in the given stores, so that another cluster can go on with them.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="states">Where grain states live.</param>
    /// <param name="models">Where models live.</param>
    /// <param name="configure">Done to each silo last.</param>
    /// <param name="resumeUnfinished">As for a silo.</param>
    /// <param name="labels">Labels of the silos, in the order of their start; those that start later have none.</param>
    public static async Task<TestFederation> StartAsync(
        short silos, SurvivingStorage? states = null, MemoryModelStore? models = null, Action<ISiloBuilder>? configure = null, bool resumeUnfinished = true, params string[] labels)
    {
        var started = -1;
        states ??= new SurvivingStorage();
        models ??= new MemoryModelStore();
        var gate = new CallGate();
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddGrainStorage(GrainsSetup.StorageName, (services, _) => states.For(services.GetRequiredService<Serializer>()));
            silo.AddIncomingGrainCallFilter(gate);
            silo.UseInMemoryReminderService();
            silo.AddFedRecGrains(resumeUnfinished, Parts, SiloLabels.TryParse(labels.ElementAtOrDefault(Interlocked.Increment(ref started)) ?? "", out var own) is { } wrong ? throw new ArgumentException(wrong) : own);
            silo.Services.AddSingleton<IModelStore>(models);
            silo.Services.AddSingleton<ICheckpointStore>(states.Checkpoints);
            silo.Services.AddSingleton<ICatalogueStore>(states.Catalogues);
            silo.Services.Configure<TrainingOptions>(options => (options.Parallelism, options.AskInBatches) = (2, false)); // a call to each client, which tests can hold and fail
            configure?.Invoke(silo);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestFederation(cluster, gate);
    }

    /// <summary>What requests can name.</summary>
    public static FederationParts Parts => FederationParts.BuiltIn().AddScenarios().AddAggregator(new SecureMean(QuickSuite.Instance, "quick-secure-mean"));

    /// <summary>What federations simulate here that were told nothing: small and quick.</summary>
    public static DataSpec Data { get; } = new() { SyntheticUsers = 60, SyntheticItems = 50 };

    /// <summary>A short run.</summary>
    public static RunRequest Request(string federation = "test", int rounds = 4) => new()
    {
        Federation = federation,
        Learner = "mf",
        LearnerOptions = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8"),
        Rounds = new RoundSettings { Count = rounds },
    };

    /// <summary>Tells the run's federation what it simulates, and starts the run.</summary>
    /// <param name="request">The run.</param>
    /// <param name="data">What is simulated; null for what the federation knows, and for <see cref="Data"/> where it knows nothing.</param>
    public async Task<RunReceipt> StartRunAsync(RunRequest request, DataSpec? data = null)
    {
        var federation = Grains.GetGrain<IFederationGrain>(request.Federation);
        if (data is not null || await federation.GetSummaryAsync() is { Hosted: null, Simulates: null, Runs.IsEmpty: true })
        {
            await federation.SimulateAsync(data ?? Data);
        }

        return await federation.StartRunAsync(request);
    }

    /// <summary>Starts a run like <see cref="StartRunAsync"/>, and waits for its end.</summary>
    public async Task<RunStatus> RunAsync(RunRequest request, DataSpec? data = null)
    {
        var receipt = await StartRunAsync(request, data);
        Assert.True(receipt.Outcome == RunOutcome.Started, receipt.Message);
        return await WaitAsync(request.Federation, receipt.RunId);
    }

    /// <summary>Waits for the first run's first event of a kind.</summary>
    public async Task WaitForAsync(string kind)
    {
        var run = Grains.GetGrain<IRunGrain>("test/run-1");
        await Waiting.UntilAsync(async () => (await run.ReadEventsAsync(0, TimeSpan.FromSeconds(1))).Events.Any(happened => happened.Kind == kind), $"run-1 has an event of kind {kind}");
    }

    /// <summary>Waits until the first run would go on from a checkpoint.</summary>
    public Task WaitForCheckpointAsync() => Waiting.UntilAsync(async () => await Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync() is { CheckpointRound: > 0 });

    /// <summary>The silo that hosts a grain.</summary>
    public async Task<SiloAddress> SiloOfAsync(IAddressable grain) =>
        await Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain) ?? throw new InvalidOperationException($"{grain} is on no silo.");

    /// <summary>Waits until the federation has heard of the end of its run, which it does last.</summary>
    public Task WaitUntilIdleAsync() => Waiting.UntilAsync(async () => (await Grains.GetGrain<IFederationGrain>("test").GetSummaryAsync()).ActiveRun is null);

    /// <summary>Waits for a run's end by its events.</summary>
    /// <exception cref="TimeoutException">The run stands still.</exception>
    public async Task<RunStatus> WaitAsync(string federation, string runId)
    {
        var run = Grains.GetGrain<IRunGrain>($"{federation}/{runId}");
        for (var (seen, since) = (0L, Stopwatch.GetTimestamp()); ;)
        {
            var events = await run.ReadEventsAsync(seen, TimeSpan.FromSeconds(10));
            (seen, since) = events.Events.IsEmpty ? (seen, since) : (events.Events[^1].Id, Stopwatch.GetTimestamp());
            if (events.Ended)
            {
                return (await run.GetStatusAsync())!;
            }

            if (Stopwatch.GetElapsedTime(since) > Waiting.Limit)
            {
                var all = (await run.ReadEventsAsync(0, TimeSpan.Zero)).Events;
                throw new TimeoutException($"Run {runId} of {federation} stands still: {await run.GetStatusAsync()}; its last events: {string.Join("; ", all.TakeLast(5))}");
            }
        }
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();
}
