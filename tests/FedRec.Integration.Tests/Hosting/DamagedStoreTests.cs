using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Azure.Storage.Blobs;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Hosting;
using FedRec.Integration.Tests.Storage;
using FedRec.Storage.GrainStates;
using FedRec.Storage.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace FedRec.Integration.Tests.Hosting;

/// <summary>Bytes that a disk has changed, of every kind of stored thing: what is read is never another number, and FedRec goes on where it can.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class DamagedStoreTests(AzuriteFixture azurite) : IDisposable
{
    private const string Federation = "shop";
    private readonly TemporaryFolder _folder = new();
    private readonly string _own = Guid.NewGuid().ToString("N")[..12];
    private readonly NotedErrors _errors = new();

    public void Dispose()
    {
        _folder.Dispose();
        _errors.Dispose();
    }

    private BlobContainerClient States => azurite.Client().GetBlobContainerClient($"g{_own}");

    private BlobContainerClient Models => azurite.Client().GetBlobContainerClient($"m{_own}");

    [Fact]
    public async Task EveryKindOfStoredThing_DamagedInAnyWay_IsNoticed()
    {
        await RunAsync(async grains =>
        {
            await TrainAsync(grains);
            await FillAsync(grains);
            await BeginAsync(grains, scaffold: true); // and leave it unfinished
        });

        var kinds = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var blob in States.GetBlobs().ToList())
        {
            kinds.Add(await AssertStateIsNoticedAsync(blob.Name));
        }

        foreach (var blob in Models.GetBlobs().ToList())
        {
            kinds.Add(await AssertContentIsNoticedAsync(blob.Name));
        }

        // Something new that is stored belongs here, once it is known what becomes of it when it is damaged.
        string[] known = ["catalogue.json", "catalogue: Refused", "checkpoint", "client: Refused", "federation: KeptTwice", "federations: KeptTwice", "manifest", "model: KeptTwice", "registry-0: Refused", "round: MadeAgain", "run-log-0: MadeAgain", "run: KeptTwice", "tensors.safetensors", "user: Refused", "users: Refused"];
        Assert.Equal(("", ""), (string.Join(", ", kinds.Except(known)), string.Join(", ", known.Except(kinds))));
    }

    [Fact]
    public async Task Pointer_Damaged_TheVersionInUseIsServedAndTheNextOneCounts()
    {
        string served = "";
        await RunAsync(async grains =>
        {
            await TrainAsync(grains);
            await TrainAsync(grains);
            served = await AskAsync(grains);
        });
        foreach (var state in new[] { "model", "federation", "federations", "run" })
        {
            await DamageStatesAsync(state, Damage.Flip);
        }

        await RunAsync(async grains =>
        {
            Assert.Equal(served, await AskAsync(grains));
            Assert.Equal("2", served[..1]);
            Assert.Equal((3, 3L), (await TrainAsync(grains), (await SummaryAsync(grains)).Latest));
        });

        Assert.All(["model-model", "federation-federation", "federations-"], state => Assert.Single(_errors.Lines, line => line.Contains($"/{state}", StringComparison.Ordinal) && line.Contains("Its copy", StringComparison.Ordinal)));
        await RunAsync(async grains => Assert.Equal((3, "3"), ((await SummaryAsync(grains)).Versions.Length, (await AskAsync(grains))[..1])));
    }

    [Theory]
    [CombinedDamage]
    public async Task ManifestInUse_Damaged_TheVersionBeforeIsServed_AndTheNextRunIsPutInUse(Damage damage)
    {
        var (first, second) = ("", "");
        await RunAsync(async grains =>
        {
            await TrainAsync(grains);
            first = await AskAsync(grains);
            await TrainAsync(grains);
        });
        await Models.GetBlobClient($"{Federation}/v00000002/manifest").DamageAsync(damage);

        await RunAsync(async grains =>
        {
            Assert.Equal(first, await AskAsync(grains));
            Assert.Equal(first, await AskAsync(grains)); // and at once again
            await Assert.ThrowsAsync<InvalidDataException>(() => AskAsync(grains, version: 2));
            Assert.Equal(3, await TrainAsync(grains));
            await UntilServedAsync(grains, "3");
            Assert.Equal("version 2, in use before, is damaged in the store", (await SummaryAsync(grains)).Versions.Single(line => line.Version == 3).Promotion!.Reason);
            second = await AskAsync(grains);
        });

        Assert.Equal("3", second[..1]);
        Assert.Contains(_errors.Lines, line => line.Contains("Version 2 of shop, which is in use, is damaged in the store; version 1 answers in its place", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ManifestThatThePointerHasNotSeen_Damaged_ItsNumberIsNotUsedAgain()
    {
        await RunAsync(async grains => await TrainAsync(grains));
        var store = new BlobModelStore(azurite.Client(), new BlobModelStoreOptions { ContainerName = Models.Name });
        await store.SaveManifestAsync(Federation, 2, (await store.LoadManifestAsync(Federation, 1))!.Value);
        await Models.GetBlobClient($"{Federation}/v00000002/manifest").DamageAsync(Damage.Flip);

        await RunAsync(async grains =>
        {
            Assert.Equal("1", (await AskAsync(grains))[..1]);
            Assert.Equal(3, await TrainAsync(grains));
        });

        Assert.Contains(_errors.Lines, line => line.Contains("the manifest of version 2 is damaged", StringComparison.Ordinal));
    }

    // With SCAFFOLD clients keep something from round to round, and every round is a checkpoint.
    [Theory]
    [InlineData("checkpoint", true)]
    [InlineData("run", true)]
    [InlineData("run-log-0", true)]
    [InlineData("round", true)]
    [InlineData("all", true)]
    [InlineData("all", false)]
    public async Task UnfinishedRun_WhoseRecordIsDamaged_EndsAtTheUndisturbedModel(string kind, bool scaffold)
    {
        await RunAsync(grains => BeginAsync(grains, scaffold));
        foreach (var state in new[] { "run", "run-log-0", "round" }.Where(state => kind == state || kind == "all"))
        {
            await DamageStatesAsync(state, Damage.Truncate);
        }

        if (kind is "checkpoint" or "all")
        {
            var checkpoints = Models.GetBlobs().Where(blob => blob.Name.StartsWith($"{Federation}/run-1/", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(checkpoints);
            foreach (var blob in checkpoints)
            {
                await Models.GetBlobClient(blob.Name).DamageAsync(Damage.Flip);
            }
        }

        RunStatus status = null!, undisturbed = null!;
        await RunAsync(async grains =>
        {
            status = await EndAsync(grains, Federation, "run-1");
            await grains.GetGrain<IFederationGrain>("alone").SimulateAsync(s_data);
            undisturbed = await EndAsync(grains, "alone", (await grains.GetGrain<IFederationGrain>("alone").StartRunAsync(Long(scaffold) with { Federation = "alone" })).RunId);
        });

        Assert.Equal((RunPhase.Completed, undisturbed.Sha256, Rounds), (status.Phase, status.Sha256, status.Rounds.Length));
        Assert.Equal(undisturbed.Rounds.Select(round => (round.Round, round.Participants, round.StepNorm)), status.Rounds.Select(round => (round.Round, round.Participants, round.StepNorm)));
        Assert.NotEmpty(_errors.Lines);
    }

    [Fact]
    public async Task RunThatHasEnded_WhoseRoundsAreDamaged_SaysWhichAreMissing()
    {
        await RunAsync(async grains => await TrainAsync(grains));
        await DamageStatesAsync("run-log-0", Damage.Flip);

        await RunAsync(async grains =>
        {
            var status = (await grains.GetGrain<IRunGrain>($"{Federation}/run-1").GetStatusAsync())!;
            Assert.Equal((RunPhase.Completed, 3, 0, 1L), (status.Phase, status.RoundsDone, status.Rounds.Length, status.Version));
            Assert.Contains(status.Notes, note => note.StartsWith("Records of rounds from 1 on are missing", StringComparison.Ordinal));
            Assert.Equal("1", (await AskAsync(grains))[..1]);
        });
    }

    private const int Rounds = 40;
    private static readonly DataSpec s_data = new() { SyntheticUsers = 30, SyntheticItems = 24 };

    private static RunRequest Short => new()
    {
        Federation = Federation,
        Learner = "mf",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "4"),
        Rounds = new RoundSettings { Count = 3 },
        Promote = PromotionPolicy.IfBetter,
    };

    private static RunRequest Long(bool scaffold) => Short with
    {
        LearnerOptions = Short.LearnerOptions.Add("objective", "logistic").Add("epochs", "20").Add("scaffold", scaffold ? "on" : "off"),
        Rounds = new RoundSettings { Count = Rounds, PublishEvery = 1, CohortSize = 20, Dropout = 0.1 },
    };

    private static Task<ModelSummary> SummaryAsync(IGrainFactory grains) => grains.GetGrain<IModelGrain>(Federation).GetSummaryAsync();

    private static async Task<long> TrainAsync(IGrainFactory grains)
    {
        await grains.GetGrain<IFederationGrain>(Federation).SimulateAsync(s_data);
        var receipt = await grains.GetGrain<IFederationGrain>(Federation).StartRunAsync(Short);
        Assert.True(receipt.Outcome == RunOutcome.Started, receipt.Message);
        return (await EndAsync(grains, Federation, receipt.RunId)).Version;
    }

    // Ten rounds of it, and no end.
    private static async Task BeginAsync(IGrainFactory grains, bool scaffold)
    {
        await grains.GetGrain<IFederationGrain>(Federation).SimulateAsync(s_data);
        var receipt = await grains.GetGrain<IFederationGrain>(Federation).StartRunAsync(Long(scaffold));
        Assert.True(receipt.Outcome == RunOutcome.Started, receipt.Message);
        var run = grains.GetGrain<IRunGrain>($"{Federation}/{receipt.RunId}");
        for (long seen = 0; await run.GetStatusAsync() is { RoundsDone: < 10 } or { CheckpointRound: 0 };)
        {
            seen = (await run.ReadEventsAsync(seen, TimeSpan.FromSeconds(1))).Events is [.., var last] ? last.Id : seen;
        }
    }

    private static async Task FillAsync(IGrainFactory grains)
    {
        await grains.GetGrain<IFederationGrain>("held").HostAsync(hasRatings: false);
        foreach (var (user, item) in new[] { ("ann", "book"), ("ann", "lamp"), ("bob", "book") })
        {
            Assert.Equal(HistoryOutcome.Recorded, (await grains.GetGrain<IHistoryGrain>("held").RecordAsync(new HistoryChange(user, HistoryChangeKind.Added, item))).Outcome);
        }
    }

    private static async Task<RunStatus> EndAsync(IGrainFactory grains, string federation, string runId)
    {
        var run = grains.GetGrain<IRunGrain>($"{federation}/{runId}");
        for (long seen = 0; ;)
        {
            var events = await run.ReadEventsAsync(seen, TimeSpan.FromSeconds(10));
            seen = events.Events.IsEmpty ? seen : events.Events[^1].Id;
            if (events.Ended)
            {
                while ((await grains.GetGrain<IFederationGrain>(federation).GetSummaryAsync()).ActiveRun is not null)
                {
                    await Task.Yield();
                }

                return (await run.GetStatusAsync())!;
            }
        }
    }

    // Serving follows the pointer within a second, and without a word.
    private static async Task UntilServedAsync(IGrainFactory grains, string version)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5)); // sooner than a damaged version is looked at again
        while ((await AskAsync(grains))[..1] != version)
        {
            await Task.Delay(20, limit.Token);
        }
    }

    // Version, items and scores.
    private static async Task<string> AskAsync(IGrainFactory grains, long version = 0)
    {
        var answer = await grains.GetGrain<IRecommenderGrain>(Federation).RecommendAsync(new RecommendationQuery("u1", 5, Explain: false, version));
        Assert.Equal(RecommendationOutcome.Found, answer.Outcome);
        Assert.All(answer.Items, item => Assert.True(float.IsFinite(item.Score)));
        return $"{answer.Version}: {string.Join(", ", answer.Items.Select(item => $"{item.Item} {item.Score:R}"))}";
    }

    private async Task RunAsync(Func<IGrainFactory, Task> work)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(_errors).SetMinimumLevel(LogLevel.Error);
        builder.AddFedRec(fedrec =>
        {
            fedrec.Storage.Folder = _folder.Path;
            (fedrec.Storage.ConnectionString, fedrec.Storage.GrainContainer, fedrec.Storage.ModelContainer) = (azurite.ConnectionString, States.Name, Models.Name);
        });
        using var host = builder.Build();
        await host.StartAsync();
        await work(host.Services.GetRequiredService<IGrainFactory>()).WaitAsync(TimeSpan.FromMinutes(2));
        await host.StopAsync();
    }

    // The copies stay as they are.
    private async Task DamageStatesAsync(string state, Damage damage)
    {
        var found = States.GetBlobs().Where(blob => blob.Name.StartsWith($"{state}-", StringComparison.Ordinal) && blob.Name.EndsWith(".json", StringComparison.Ordinal)
            && (state != "run" || !blob.Name.StartsWith("run-log", StringComparison.Ordinal))).ToList();
        Assert.NotEmpty(found);
        foreach (var blob in found)
        {
            await States.GetBlobClient(blob.Name).DamageAsync(damage);
        }
    }

    private async Task<string> AssertStateIsNoticedAsync(string name)
    {
        if (name.EndsWith(".copy", StringComparison.Ordinal))
        {
            return await AssertStateIsNoticedAsync(name[..^".copy".Length]);
        }

        var kind = name[..name[..name.IndexOf('/', StringComparison.Ordinal)].LastIndexOf('-')];
        var grain = GrainId.Parse(name[(kind.Length + 1)..^".json".Length], CultureInfo.InvariantCulture);
        var rule = Stores.RuleOf(kind);
        using var harness = new GrainStorageHarness(azurite.Client(), States.Name, options => options.GrainStorageSerializer = new AsTheyAre(), Stores.RuleOf);
        var whole = await ReadAsync();
        Assert.NotEmpty(whole);
        foreach (var damage in Enum.GetValues<Damage>())
        {
            await using var mended = await DamagedBlob.MakeAsync(States.GetBlobClient(name), damage);
            switch (rule)
            {
                case DamagedState.Refused:
                    await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync());
                    break;
                case DamagedState.KeptTwice:
                    Assert.Equal(whole, await ReadAsync());
                    break;
                default:
                    Assert.Empty(await ReadAsync());
                    break;
            }
        }

        Assert.Equal(whole, await ReadAsync());
        return $"{kind}: {rule}";

        async Task<byte[]> ReadAsync()
        {
            var read = new GrainState<Stored>(new Stored());
            await harness.Storage.ReadStateAsync(kind, grain, read);
            return read.State?.Bytes ?? [];
        }
    }

    private async Task<string> AssertContentIsNoticedAsync(string name)
    {
        var options = new BlobModelStoreOptions { ContainerName = Models.Name };
        var (models, checkpoints, catalogues) = (new BlobModelStore(azurite.Client(), options), new BlobCheckpointStore(azurite.Client(), options), new BlobCatalogueStore(azurite.Client(), options));
        var parts = name.Split('/');
        var (kind, read) = (parts[1][0], parts[2]) switch
        {
            (_, "manifest") => ("manifest", () => models.LoadManifestAsync(parts[0], Number(parts[1]))),
            ('v', var file) => (file[..^65], Loaded(() => models.LoadContentAsync(parts[0], file[..^65], Number(parts[1]), file[^64..]))),
            ('r', var file) => ("checkpoint", Loaded(() => checkpoints.LoadAsync(new CheckpointKey(parts[0], parts[1], (int)Number(file[..^65]), file[^64..])))),
            (_, var sha256) => (parts[1], Loaded(() => catalogues.LoadAsync(parts[0], sha256))),
        };
        Assert.NotNull(await read());
        foreach (var damage in Enum.GetValues<Damage>())
        {
            await using var mended = await DamagedBlob.MakeAsync(Models.GetBlobClient(name), damage);
            await Assert.ThrowsAsync<InvalidDataException>(read);
        }

        return kind;
    }

    private static Func<Task<ReadOnlyMemory<byte>?>> Loaded(Func<Task<ReadOnlyMemory<byte>>> load) => async () => await load();

    private static long Number(string folder) => long.Parse(folder[1..], CultureInfo.InvariantCulture);

    /// <summary>Stored bytes, whatever they are of.</summary>
    private sealed class AsTheyAre : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => throw new NotSupportedException("They are read only.");

        public T Deserialize<T>(BinaryData input) => (T)(object)new Stored { Bytes = input.ToArray() };
    }

    private sealed class Stored
    {
        public byte[] Bytes { get; init; } = [];
    }

    /// <summary>The errors that a host has logged.</summary>
    private sealed class NotedErrors : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("FedRec", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Lines.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
