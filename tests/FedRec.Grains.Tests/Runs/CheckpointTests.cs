using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using FedRec.Grains.Runs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Runs;

/// <summary>Checkpoints serve going on after a crash, and are gone once their run has ended; what an older program stored is gone on from too.</summary>
public sealed class CheckpointTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Run_LostMidWay_GoesOnFromItsCheckpointAndLeavesNone()
    {
        var expected = await UndisturbedAsync();
        var before = await LoseInRoundThreeAsync();

        var kept = Assert.Single(_states.Checkpoints.Keys);
        await using var federation = await StartAsync();
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal(2, kept.Round);
        Assert.Equal((RunPhase.Completed, expected.Sha256, 1L), (status.Phase, status.Sha256, status.Version));
        Assert.Equal(before, status.Rounds.Take(2)); // done once, as their times show
        await AssertNoneLeftAsync();
    }

    [Fact]
    public async Task Run_WhoseCheckpointIsLost_IsRepeatedFromItsBeginning()
    {
        var expected = await UndisturbedAsync();
        var before = await LoseInRoundThreeAsync();

        await _states.Checkpoints.DeleteAllAsync("test", "run-1");
        await using var federation = await StartAsync();
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.NotEqual(before, status.Rounds.Take(2));
    }

    [Fact]
    public async Task Run_LostBetweenItsEndAndTheDeletionOfItsCheckpoints_IsTidiedUpAfterwards()
    {
        await using (var lost = await TestFederation.StartAsync(1, _states, _models, silo => silo.Services.AddSingleton<ICheckpointStore>(new KeepingStore(_states.Checkpoints))))
        {
            Assert.Equal(RunPhase.Completed, (await lost.RunAsync(TestFederation.Request())).Phase);
        }

        Assert.NotEmpty(_states.Checkpoints.Keys);
        await using var federation = await StartAsync();

        await AssertNoneLeftAsync();
        await federation.WaitUntilIdleAsync();
    }

    [Fact]
    public async Task Run_ThatFailedWithoutACheckpoint_LostBeforeItsFederationWasTold_IsNoLongerActiveAfterwards()
    {
        await using (var lost = await StartAsync())
        {
            var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lost.Gate.Before = call => call is { Grain: IFederationGrain, MethodName: nameof(IFederationGrain.RunEndedAsync) } && told.TrySetResult()
                ? throw new IOException("The silo is lost.") : Task.CompletedTask;
            var failing = TestFederation.Request() with { Rounds = new RoundSettings { Count = 4, Dropout = 0.9, Quorum = 1 } };
            Assert.Equal(RunPhase.Failed, (await lost.RunAsync(failing)).Phase);
            await told.Task;
            Assert.Equal("run-1", (await lost.Grains.GetGrain<IFederationGrain>("test").GetSummaryAsync()).ActiveRun);
        }

        await using var federation = await StartAsync(); // goes on with what is unfinished before it answers

        Assert.Null((await federation.Grains.GetGrain<IFederationGrain>("test").GetSummaryAsync()).ActiveRun);
        Assert.Equal(RunPhase.Failed, (await federation.Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync())!.Phase);
    }

    [Fact]
    public async Task Run_WhoseCheckpointFindsNoRoom_EndsAtOnceInTheStoresWords()
    {
        var full = new FullCheckpoints(_states.Checkpoints);
        await using var federation = await TestFederation.StartAsync(1, _states, _models, silo => silo.Services.AddSingleton<ICheckpointStore>(full));

        var status = await federation.RunAsync(TestFederation.Request());

        Assert.Equal((RunPhase.Failed, "The disk is full.", 1), (status.Phase, status.Reason, full.Attempts));
    }

    [Fact]
    public async Task Run_WhoseEndFindsNoRoomEither_TellsItsWatchersAndGoesOnOnceThereIsSome()
    {
        var expected = await UndisturbedAsync();
        (_states.Refusal, _states.OnWrite) = (_ => FullStore.Exception("The disk is full."), name => _states.FailWritesOf = name == "run" ? name : _states.FailWritesOf);
        await using var federation = await StartAsync();
        var receipt = await federation.StartRunAsync(TestFederation.Request());
        var run = federation.Grains.GetGrain<IRunGrain>($"test/{receipt.RunId}");

        var told = await Assert.ThrowsAsync<IOException>(() => WatchAsync(run).WaitAsync(TimeSpan.FromMinutes(4)));

        Assert.Equal(("The disk is full.", true), (told.Message, FullStore.CauseOf(told) is not null));
        (_states.OnWrite, _states.FailWritesOf) = (_ => { }, null);
        await run.ResumeAsync();
        var status = await federation.WaitAsync("test", receipt.RunId);
        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
    }

    [Fact]
    public async Task Run_OfAnOlderProgram_GoesOnFromItsLastVersionAndPublishesOne()
    {
        var expected = await UndisturbedAsync();
        var rounds = await LoseInRoundThreeAsync();
        await AgeAsync();

        await using var federation = await StartAsync();
        var status = await federation.WaitAsync("test", "run-1");
        var after = await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync();

        Assert.Equal((RunPhase.Completed, expected.Sha256, 8L), (status.Phase, status.Sha256, status.Version));
        Assert.Equal([1, 2, 3, 4], status.Rounds.Select(round => round.Round));
        Assert.Equal(rounds, status.Rounds.Take(2));
        Assert.Equal((8L, 7L), (after.Serving, after.Previous));
    }

    [Fact]
    public async Task Run_OfManyRounds_WritesForEachWhatIsNew()
    {
        await using var federation = await StartAsync();
        var request = TestFederation.Request(rounds: 3 * RunLog.SegmentRounds);

        var status = await federation.RunAsync(request with { Rounds = request.Rounds with { CohortSize = 2 } });

        var written = _states.Sizes.Where(write => write.State.StartsWith("run", StringComparison.Ordinal)).Select(write => write.Bytes).ToArray();
        Assert.Equal(3 * RunLog.SegmentRounds, status.Rounds.Length);
        Assert.InRange(written[(2 * written.Length / 3)..].Sum(), 1, 1.1 * written[..(written.Length / 3)].Sum());
    }

    [Fact]
    public async Task Run_OfManyRounds_IsReadBackAsItWas()
    {
        var request = TestFederation.Request(rounds: RunLog.SegmentRounds + 20) with { EvaluateEvery = 30 };
        RunStatus status;
        await using (var first = await StartAsync())
        {
            status = await first.RunAsync(request with { Rounds = request.Rounds with { CohortSize = 2 } });
        }

        await using var second = await StartAsync();
        var read = (await second.Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync())!;

        Assert.Equal(status.Rounds.AsEnumerable(), read.Rounds.AsEnumerable());
        Assert.Equal(status.Evaluations.Select(one => (one.Round, one.OnValidation, one.Users)), read.Evaluations.Select(one => (one.Round, one.OnValidation, one.Users)));
        Assert.Equal((0, RunLog.SegmentRounds + 20, status.Promotion), (read.CheckpointRound, read.RoundsDone, read.Promotion));
    }

    private static async Task WatchAsync(IRunGrain run)
    {
        for (long after = 0; ;)
        {
            var read = await run.ReadEventsAsync(after, TimeSpan.FromSeconds(10));
            after = read.Events.IsEmpty ? after : read.Events[^1].Id;
        }
    }

    private static async Task<RunStatus> UndisturbedAsync()
    {
        await using var federation = await TestFederation.StartAsync(1);
        return await federation.RunAsync(TestFederation.Request());
    }

    private Task<TestFederation> StartAsync() => TestFederation.StartAsync(1, _states, _models);

    private Task AssertNoneLeftAsync() => Waiting.UntilAsync(() => _states.Checkpoints.Keys.Count == 0);

    // The third round's first client never answers: the second round is the last that was kept.
    private async Task<IEnumerable<RoundRecord>> LoseInRoundThreeAsync()
    {
        await using var lost = await StartAsync();
        return (await lost.LoseInRoundThreeAsync()).Rounds;
    }

    // As the program stored it before there were checkpoints: rounds in the run's own state, and a version with the server's state for each.
    private async Task AgeAsync()
    {
        await using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var states = _states.For(services.GetRequiredService<Serializer>());
        var (run, log, model) = (new GrainState<RunState>(), new GrainState<RunLogSegment>(), new GrainState<ModelState>());
        var id = GrainId.Create("run", "test/run-1");
        await states.ReadStateAsync("run", id, run);
        await states.ReadStateAsync("run-log-0", id, log);
        await states.ReadStateAsync("model", GrainId.Create("model", "test"), model);
        var kept = _states.Checkpoints.Keys.Single();
        var learner = Core.Learners.LearnerRegistry.Create("mf", TestFederation.Request().LearnerOptions, new Core.Learners.FederationShape(50, 60));
        var server = ModelFiles.ReadCheckpoint(await _states.Checkpoints.LoadAsync(kept), learner).State;
        await _states.Checkpoints.DeleteAllAsync("test", "run-1");
        var (tensors, moments) = (ModelFiles.WriteTensors(learner, server.Parameters), ModelFiles.WriteServerState(server));
        var manifest = Models.ModelGrainTests.Commit(7, "x").Manifest with { Sha256 = Safetensors.Sha256(tensors), StateSha256 = Safetensors.Sha256(moments), Round = 2 };
        await _models.SaveContentAsync("test", ModelFiles.Tensors, 7, manifest.Sha256, tensors);
        await _models.SaveContentAsync("test", ModelFiles.ServerState, 7, manifest.StateSha256, moments);
        await _models.SaveManifestAsync("test", 7, ModelFiles.WriteManifest(manifest));
        model.State = new ModelState().Add(manifest).Promote(7);
        run.State = new RunState { Status = run.State!.Status! with { Rounds = log.State!.Rounds, Evaluations = log.State.Evaluations, Version = 7, Sha256 = manifest.Sha256 } };
        await states.WriteStateAsync("model", GrainId.Create("model", "test"), model);
        await states.WriteStateAsync("run", id, run);
    }

    /// <summary>Has no room left.</summary>
    private sealed class FullCheckpoints(ICheckpointStore inner) : ICheckpointStore
    {
        private int _attempts;

        public int Attempts => _attempts;

        public Task SaveAsync(CheckpointKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _attempts);
            throw FullStore.Exception("The disk is full.");
        }

        public Task<ReadOnlyMemory<byte>> LoadAsync(CheckpointKey key, CancellationToken cancellationToken = default) => inner.LoadAsync(key, cancellationToken);

        public Task DeleteAsync(CheckpointKey key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

        public Task DeleteAllAsync(string federation, string run, CancellationToken cancellationToken = default) => inner.DeleteAllAsync(federation, run, cancellationToken);
    }

    /// <summary>Is lost before it deletes anything.</summary>
    private sealed class KeepingStore(ICheckpointStore inner) : ICheckpointStore
    {
        public Task SaveAsync(CheckpointKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) => inner.SaveAsync(key, content, cancellationToken);

        public Task<ReadOnlyMemory<byte>> LoadAsync(CheckpointKey key, CancellationToken cancellationToken = default) => inner.LoadAsync(key, cancellationToken);

        public Task DeleteAsync(CheckpointKey key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

        public Task DeleteAllAsync(string federation, string run, CancellationToken cancellationToken = default) => throw new IOException("The store is gone.");
    }
}
