using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Snapshots;
using FedRec.Grains;
using FedRec.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;

namespace FedRec.Extensions.Tests;

/// <summary>A learner, an aggregator and an update step of this assembly, which sees nothing internal, in a federation of five clients: by hand, in process,
/// on two silos, and in a host.</summary>
/// <remarks>Each user's last item is held out. Of what is left, a is with u1 to u4, b with u1 and u2, c with u3, u4 and u5, d with u5.</remarks>
public sealed class ExtensionTests(ToyClusters clusters) : IClassFixture<ToyClusters>, IDisposable
{
    private const string Rows = "user,item,time\nu1,a,1\nu1,b,2\nu1,d,3\nu2,a,1\nu2,b,2\nu2,d,3\nu3,a,1\nu3,c,2\nu3,d,3\nu4,a,1\nu4,c,2\nu4,d,3\nu5,c,1\nu5,d,2\nu5,a,3\n";
    private static readonly ImmutableSortedDictionary<string, string> s_pairs = ImmutableSortedDictionary<string, string>.Empty.Add("objective", "bpr");
    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    /// <summary>What is asked for, and the scores of a, b, c and d that it leads to.</summary>
    public static TheoryData<string, string?, int, double, double[]> Ways { get; } = new()
    {
        { "mean", null, 1, 1, [0.8, 0.4, 0.6, 0.2] }, // the shares
        { "sign-majority", null, 2, 0.5, [1, 0, 1, 0] }, // all up by a half, as somebody has each; then owners are for it and others against: 4:1, 2:3, 3:2, 1:4
        { "mean", "grid=0.5", 2, 1, [0.6, 0.3, 0.7, 0.4] }, // the shares; then +.2 → 0 and −.8 → −1: −1/5, +.6 → .5 and −.4 → −.5: −.5/5, +.4 → .5 and −.6 → −.5: +.5/5, +.8 → 1 and −.2 → 0: +1/5
        { "sign-majority", "grid=0.5,clip=0.1", 2, 0.5, [1, 0, 1, 0] }, // signs of what is short are signs
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Ways))]
    public void Train_InProcess_GivesWhatIsWorkedOutByHand(string aggregator, string? steps, int rounds, double rate, double[] expected)
    {
        var (parts, data) = (ToyClusters.Parts, DatasetSource.Open(new DatasetOptions { Path = File() }));
        var learner = parts.Learner("popularity").Create(ImmutableDictionary<string, string>.Empty, FederationShape.Of(data, clients: 5));
        var federation = new InProcessFederation(learner, _ => new SgdOptimizer(rate, momentum: 0), ClientWeighting.Parse("uniform", 0))
        {
            Aggregator = parts.Aggregator(aggregator),
            Steps = parts.Steps(steps),
        };

        var shares = federation.Train([.. ClientPartition.PerUser(data).Clients], rounds, seed: 1);

        Close(expected, shares, [.. Enumerable.Range(0, 4).Select(item => data.Items[item])]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Train_OnTwoSilos_GivesWhatIsWorkedOutByHand(string aggregator, string? steps, int rounds, double rate, double[] expected)
    {
        var grains = clusters.Complete.Client;

        var status = await TrainAsync(grains, Request(aggregator, steps, rounds, rate) with { Federation = $"toys-{aggregator}-{steps?.Length ?? 0}" }, new DataSpec { Path = File() });

        Assert.Equal((RunPhase.Completed, 5), (status.Phase, status.Rounds[^1].Participants));
        await CloseAsync(expected, grains, status);
    }

    [Fact]
    public async Task Train_InAHost_TakesOneLineInAddFedRec()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddFedRec(fedrec =>
        {
            (fedrec.Storage.Kind, fedrec.Storage.Folder) = ("memory", _folder.FullName);
            fedrec.Parts.AddLearner(Popularity.Descriptor);
        });
        using var host = builder.Build();
        await host.StartAsync(s_limit);

        var grains = host.Services.GetRequiredService<IGrainFactory>();
        await CloseAsync([0.8, 0.4, 0.6, 0.2], grains, await TrainAsync(grains, Request("mean", null, 0, 0), new DataSpec { Path = File() }));

        await host.StopAsync(s_limit);
    }

    [Fact]
    public async Task Train_OnAScenarioOfOnesOwn_TakesOneLine()
    {
        var request = Request("mean", null, 1, 1) with { Federation = "market" };

        var status = await TrainAsync(clusters.Complete.Client, request, new DataSpec { Scenario = "market" });

        Assert.Equal((RunPhase.Completed, 2, 5), (status.Phase, status.Clients, status.Users));
        await CloseAsync([1, 0.5, 0.5, 0], clusters.Complete.Client, status); // of a stall the learner sees the first customer: a and b, a and c
    }

    [Theory]
    [InlineData("market", "There is no scenario 'market'")]
    [InlineData(null, "No data is given, and none is made up here")]
    public async Task Start_WhereOneSiloLacksTheScenario_IsRefusedByName(string? scenario, string reason)
    {
        for (var federation = 0; federation < 8; federation++) // whichever silo has the federation
        {
            var name = $"markets-{federation}";
            var request = Request("mean", null, 1, 1) with { Federation = name, Learner = "mf", LearnerOptions = s_pairs };

            var refusal = await RefusalAsync(clusters.Lacking.Client.GetGrain<IFederationGrain>(name), new DataSpec { Scenario = scenario }, request);

            Assert.Contains(reason, refusal, StringComparison.Ordinal);
            Assert.Empty((await clusters.Lacking.Client.GetGrain<IFederationGrain>(name).GetSummaryAsync(s_limit)).Runs);
        }
    }

    [Theory]
    [InlineData("popularity", "mean", null, "There is no learner 'popularity'")]
    [InlineData("mf", "sign-majority", null, "There is no aggregator 'sign-majority'")]
    [InlineData("mf", "mean", "grid=1", "There is no update step 'grid'")]
    public async Task Start_WhereOneSiloLacksAPart_IsRefusedByName(string learner, string aggregator, string? steps, string reason)
    {
        var request = Request(aggregator, steps, 1, 1) with { Learner = learner, LearnerOptions = learner == "mf" ? s_pairs : ImmutableSortedDictionary<string, string>.Empty };

        for (var federation = 0; federation < 8; federation++) // whichever silo has the federation
        {
            var receipt = await clusters.Lacking.Client.GetGrain<IFederationGrain>($"toys-{federation}").StartRunAsync(request with { Federation = $"toys-{federation}" }, s_limit);

            Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
            Assert.Contains(reason, receipt.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ease")]
    [InlineData("ncf")]
    [InlineData("two-tower")]
    [InlineData("mlp")]
    public async Task Start_ALearnerThatNeedsTorchWhereThereIsNone_IsRefusedBeforeAnythingIsTrained(string learner)
    {
        var federation = clusters.Complete.Client.GetGrain<IFederationGrain>($"torchless-{learner}");
        var request = new RunRequest { Federation = $"torchless-{learner}", Learner = learner };
        await federation.SimulateAsync(new DataSpec { Path = File() }, s_limit);

        var receipt = await federation.StartRunAsync(request, s_limit);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains($"The learner {learner} needs native torch, which this program has not. Reference the project FedRec.Torch", receipt.Message, StringComparison.Ordinal);
        Assert.Empty((await federation.GetSummaryAsync(s_limit)).Runs);
    }

    [Theory]
    [InlineData("mean", "grid", "grid is 0; it must be a size above 0")]
    [InlineData("mean", "grid=fine", "steps has 'grid=fine'; a step is a name, or a name with a number")]
    [InlineData("mean", "grit=1", "There is no update step 'grit'; use clip, topk, float16, int8, int4, zstd, grid.")]
    [InlineData("mean", "clip=0", "clip is 0; it must be a length above 0")]
    [InlineData("majority", null, "There is no aggregator 'majority'; use mean, median, trimmed-mean, krum, multi-krum, row-trimmed-mean, bounded-mean, secure-mean, sign-majority.")]
    public async Task Start_WhatNobodyHasAdded_IsRefusedByName(string aggregator, string? steps, string reason)
    {
        var receipt = await clusters.Complete.Client.GetGrain<IFederationGrain>("refused").StartRunAsync(Request(aggregator, steps, 1, 1) with { Federation = "refused" }, s_limit);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(reason, receipt.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_ANameThatIsTaken_IsRefused()
    {
        Assert.Contains("There is a learner 'popularity' already", Assert.Throws<ArgumentException>(() => ToyClusters.Parts.AddLearner(Popularity.Descriptor)).Message, StringComparison.Ordinal);
        Assert.Contains("There is an update step 'clip' already", Assert.Throws<ArgumentException>(() => ToyClusters.Parts.AddStep("clip", size => new Grid(size))).Message, StringComparison.Ordinal);
        Assert.Contains("'a=b' cannot be the name of an update step", Assert.Throws<ArgumentException>(() => ToyClusters.Parts.AddStep("a=b", size => new Grid(size))).Message, StringComparison.Ordinal);
    }

    private string File()
    {
        var file = Path.Combine(_folder.FullName, "rows.csv");
        System.IO.File.WriteAllText(file, Rows);
        return file;
    }

    private static RunRequest Request(string aggregator, string? steps, int rounds, double rate) => new()
    {
        Federation = "toys",
        Learner = "popularity",
        Rounds = new RoundSettings { Count = rounds, Aggregator = aggregator, Steps = steps },
        ServerOptimizer = new ServerOptimizerSettings { LearningRate = rate },
    };

    // Where the silo of the federation itself lacks the scenario, what is to be simulated is refused; where another one does, the run.
    private static async Task<string> RefusalAsync(IFederationGrain federation, DataSpec data, RunRequest request)
    {
        try
        {
            await federation.SimulateAsync(data, s_limit);
        }
        catch (ArgumentException refusal)
        {
            return refusal.Message;
        }

        var receipt = await federation.StartRunAsync(request, s_limit);
        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        return receipt.Message;
    }

    private static async Task<RunStatus> TrainAsync(IGrainFactory grains, RunRequest request, DataSpec data)
    {
        await grains.GetGrain<IFederationGrain>(request.Federation).SimulateAsync(data, s_limit);
        var receipt = await grains.GetGrain<IFederationGrain>(request.Federation).StartRunAsync(request, s_limit);
        Assert.True(receipt.Outcome == RunOutcome.Started, receipt.Message);
        var run = grains.GetGrain<IRunGrain>($"{request.Federation}/{receipt.RunId}");
        for (var seen = 0L; ;)
        {
            var events = await run.ReadEventsAsync(seen, TimeSpan.FromSeconds(10), s_limit);
            seen = events.Events.IsEmpty ? seen : events.Events[^1].Id;
            if (events.Ended)
            {
                return (await run.GetStatusAsync(s_limit))!;
            }
        }
    }

    private static async Task CloseAsync(double[] expected, IGrainFactory grains, RunStatus status)
    {
        var model = grains.GetGrain<IModelGrain>(status.Request.Federation);
        var tensors = Safetensors.Read((await model.ReadContentAsync(status.Version, 0, 1 << 20, s_limit))!.Bytes);
        var catalogue = VersionCatalogue.Read((await model.ReadCatalogueAsync(status.Version, s_limit))!.Value.Span, ToyClusters.Parts.Learner);
        Close(expected, tensors.Values, [.. catalogue.Items]);
    }

    private static void Close(double[] expected, ReadOnlyMemory<float> scores, string[] items)
    {
        Assert.Equal(["a", "b", "c", "d"], items.Order());
        Assert.All(items.Index(), item => Assert.Equal(expected[item.Item[0] - 'a'], scores.Span[item.Index], 1e-6));
    }
}

/// <summary>Two clusters of two silos: all silos of one have the parts of this assembly, and of the other only the first.</summary>
public sealed class ToyClusters : IAsyncLifetime
{
    internal InProcessTestCluster Complete { get; private set; } = null!;

    internal InProcessTestCluster Lacking { get; private set; } = null!;

    // One line each.
    internal static FederationParts Parts => FederationParts.BuiltIn()
        .AddLearner(Popularity.Descriptor)
        .AddAggregator(new SignMajority())
        .AddStep("grid", size => new Grid(size))
        .AddScenario(Market.Scenario).AddScenario(Market.Scenario with { Name = Scenario.Usual });

    public async Task InitializeAsync()
    {
        var silos = 0;
        Complete = await StartAsync(() => Parts);
        Lacking = await StartAsync(() => Interlocked.Increment(ref silos) == 1 ? Parts : FederationParts.BuiltIn());
    }

    public async Task DisposeAsync()
    {
        await Complete.DisposeAsync();
        await Lacking.DisposeAsync();
    }

    private static async Task<InProcessTestCluster> StartAsync(Func<FederationParts> parts)
    {
        var (models, checkpoints, builder) = (new MemoryModelStore(), new MemoryCheckpointStore(), new InProcessTestClusterBuilder(2));
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddFedRecGrains(parts: parts());
            silo.AddMemoryGrainStorage(GrainsSetup.StorageName).UseInMemoryReminderService();
            silo.Services.AddSingleton<IModelStore>(models).AddSingleton<ICheckpointStore>(checkpoints).AddSingleton<ICatalogueStore>(new MemoryCatalogueStore());
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
