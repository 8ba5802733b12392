using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Rounds;
using FedRec.Grains.Runs;
using Orleans.Storage;

namespace FedRec.Grains.Tests.Runs;

/// <summary>Each attempt at driving a run has a number. What clients and regions know of an earlier attempt is kept out of a later one, which may have gone back to an earlier round:
/// an ETag does not do that, as they read nothing that the run has written.</summary>
public sealed class EpochTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    // Who is first asked in a later round than the first has kept something of rounds that are done again.
    [Fact]
    public async Task Run_BegunAnew_TakesNothingThatClientsKeptOfEarlierRounds()
    {
        var request = Keeping() with { Rounds = new RoundSettings { Count = 8, CohortSize = 20 } };
        var expected = await UndisturbedAsync(request);
        await using (var first = await StartAsync())
        {
            var hold = await first.HoldInRoundAsync(request, fromRound: 6);
            await first.Cluster.KillSiloAsync(first.Cluster.Silos[0]);
            hold.Release();
        }

        await _states.Checkpoints.DeleteAllAsync("test", "run-1");
        await using var second = await StartAsync();
        var status = await second.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(expected.Rounds.Select(round => (round.Participants, round.StepNorm)), status.Rounds.Select(round => (round.Participants, round.StepNorm)));
    }

    [Fact]
    public async Task Region_ThatHasHeardOfALaterRound_TakesTheEarlierOneOfALaterAttempt_AndNothingOfAnEarlierAttempt()
    {
        await using var federation = await StartAsync();
        var region = federation.Grains.GetGrain<IRegionGrain>(GrainKeys.Region("test/run-1", 1));

        await region.OpenAsync(Of(epoch: 1, round: 5));
        await region.OpenAsync(Of(epoch: 2, round: 2)); // the run has gone back
        var (goesBack, forgets) = (await region.FlushAsync(2), !await region.FlushAsync(5));
        await region.OpenAsync(Of(epoch: 1, round: 6)); // its former driver has not heard of it
        await region.OpenAsync(Of(epoch: 1, round: 2));

        Assert.True(goesBack && forgets);
        Assert.Equal((true, false), (await region.FlushAsync(2), await region.FlushAsync(6)));

        static RegionOrder Of(int epoch, int round) => new()
        {
            RunKey = "test/run-1",
            Round = round,
            BaseVersion = round - 1,
            Clients = [1, 2],
            UpdateLength = 8,
            FractionBits = 30,
            Aggregator = "mean",
            Trim = 0,
            Epoch = epoch,
        };
    }

    // Attempts may come to another model before a round that is stored nowhere: whom a crash took out of it is counted when it is done again.
    [Fact]
    public async Task Round_ThatALaterAttemptOpens_HasNothingOfTheEarlierOne()
    {
        await using var federation = await StartAsync();
        var (seven, again, asked) = (new Hold(), new Hold(), new TaskCompletionSource<RoundOrder>(TaskCreationOptions.RunContinuationsAsynchronously));
        federation.Gate.Before = call =>
        {
            switch (call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null)
            {
                case RoundOrder { Round: 3 } order:
                    asked.TrySetResult(order);
                    return Task.CompletedTask;
                case TrainOrder { Round: 3 } order:
                    return order.Epoch > 1 ? again.PassAsync() : call.TargetId.Key.ToString() == "test/7" ? seven.PassAsync() : Task.CompletedTask;
                default:
                    return Task.CompletedTask;
            }
        };
        await federation.StartRunAsync(TestFederation.Request(rounds: 4));
        var (order, round) = (await asked.Task.WaitAsync(Waiting.Limit), federation.Grains.GetGrain<IRoundGrain>(GrainKeys.Round("test/run-1", 3)));
        await Waiting.UntilAsync(async () => (await round.GetRecordAsync())?.Participants == 59);
        await round.OpenAsync(order with { Epoch = order.Epoch + 1, Durable = false });
        var counted = (await round.GetRecordAsync())!.Participants;
        seven.Release();
        again.Release();

        Assert.Equal(0, counted);
        Assert.Equal(RunPhase.Completed, (await federation.WaitAsync("test", "run-1")).Phase);
    }

    // A coordinator that was voted out, and has not heard of it, opens the round after the checkpoint where another one is about to: whom it does not reach there has not dropped out.
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task Round_OfACheckpointThatALaterAttemptOpens_KeepsWhatWasCounted_AndAsksWhomTheEarlierOneDidNotReach(int unreached)
    {
        var expected = await UndisturbedAsync(TestFederation.Request(rounds: 2));
        await using var federation = await StartAsync();
        var (asked, last, again) = (new TaskCompletionSource<RoundOrder>(TaskCreationOptions.RunContinuationsAsynchronously), new Hold(), new System.Collections.Concurrent.ConcurrentDictionary<int, bool>());
        federation.Gate.Before = call =>
        {
            switch (call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null)
            {
                case RoundOrder { Round: 1 } order:
                    asked.TrySetResult(order);
                    return Task.CompletedTask;
                case TrainOrder { Round: 1, Epoch: 1 } when Number(call.TargetId) < unreached:
                    throw new TimeoutException("not reached");
                case TrainOrder { Round: 1, Epoch: 1 } when Number(call.TargetId) == 59:
                    return last.PassAsync(); // so that the round is open
                case TrainOrder { Round: 1, Epoch: 2 }:
                    again.TryAdd(Number(call.TargetId), true);
                    return Task.CompletedTask;
                default:
                    return Task.CompletedTask;
            }
        };
        await federation.StartRunAsync(TestFederation.Request(rounds: 2));
        var (order, round) = (await asked.Task.WaitAsync(Waiting.Limit), federation.Grains.GetGrain<IRoundGrain>(GrainKeys.Round("test/run-1", 1)));
        await Waiting.UntilAsync(async () => (await round.GetRecordAsync()) is { } record && (record.Participants, record.Dropped) == (59 - unreached, unreached));

        Assert.True(order.Durable);
        await round.OpenAsync(order with { Epoch = order.Epoch + 1 });
        await Waiting.UntilAsync(async () => (await round.GetRecordAsync())?.Participants == 59);
        await Assert.ThrowsAsync<InconsistentStateException>(() => round.OpenAsync(order)); // the earlier one is over

        Assert.Equal(Enumerable.Range(0, unreached), again.Keys.Order());
        last.Release();
        var status = await federation.WaitAsync("test", "run-1");
        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));

        static int Number(GrainId client) => int.Parse(client.Key.ToString()!["test/".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    // A coordinator that was voted out may come to another end, which is never stored.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task End_IsSeenByNobody_BeforeItIsStored(bool isStored)
    {
        var status = await UndisturbedAsync(TestFederation.Request(rounds: 1));
        var (seen, events) = (RunPhase.Pending, new RunEventLog(TimeProvider.System));
        RunJournal journal = null!;
        journal = new RunJournal(new RunState { Status = status with { Phase = RunPhase.Running } }, new RunLog(_ => throw new InvalidOperationException("Nothing of the log has changed.")), events, _ =>
        {
            seen = journal.Status.Phase;
            return isStored ? Task.CompletedTask : Task.FromException(new InconsistentStateException("another one drives the run"));
        });

        var ending = journal.EndAsync(new RunEnding(RunPhase.Failed, RunStopReason.Error, "nobody was reached"), DateTimeOffset.UnixEpoch);
        await ending.ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(isStored, ending.IsCompletedSuccessfully);
        Assert.Equal((RunPhase.Running, isStored ? RunPhase.Failed : RunPhase.Running), (seen, journal.Status.Phase));
        Assert.Equal(isStored ? 1 : 0, (await events.ReadAsync(0, TimeSpan.Zero, ended: true, CancellationToken.None)).Length);
    }

    [Fact]
    public async Task Client_ThatHasHeardOfALaterAttempt_TakesNoOrderOfAnEarlierOne()
    {
        await using var federation = await StartAsync();
        var hold = new Hold();
        federation.Gate.Before = call => call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync) && call.TargetId.Key.ToString() == "test/3" && ((TrainOrder)call.Request.GetArgument(0)!).Round == 3
            ? hold.PassAsync() : Task.CompletedTask;
        await federation.StartRunAsync(Keeping());
        await hold.Reached;

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => federation.Grains.GetGrain<IClientGrain>("test/7").TrainAsync(new TrainOrder("test/run-1", 3, 2, Epoch: 0)));

        Assert.Contains("asked for by attempt 0, and attempt 1 drives the run", refused.Message, StringComparison.Ordinal);
        hold.Release();
        Assert.Equal(RunPhase.Completed, (await federation.WaitAsync("test", "run-1")).Phase);
    }

    [Fact]
    public async Task Epoch_GrowsWithEachAttempt_AndSinceOnlyWhereTheRunBeginsAnew()
    {
        await using (var first = await StartAsync())
        {
            await first.LoseInRoundThreeAsync(Keeping());
            Assert.Equal((1, 1), Epochs(first));
        }

        await using (var second = await TestFederation.StartAsync(1, _states, _models, resumeUnfinished: false))
        {
            var hold = await second.HoldInRoundAsync(Keeping(), fromRound: 4); // the same request goes on with the run
            Assert.Equal((2, 1), Epochs(second)); // from the checkpoint
            await second.Cluster.KillSiloAsync(second.Cluster.Silos[0]);
            hold.Release();
        }

        await _states.Checkpoints.DeleteAllAsync("test", "run-1");
        await using var third = await StartAsync();
        await third.WaitAsync("test", "run-1");
        Assert.Equal((3, 3), Epochs(third));
    }

    // The attempt after a failure begins with a write of its number, which must not take along what memory has and the log in the store lacks.
    [Theory]
    [InlineData("run-log-0")]
    [InlineData("run")]
    public async Task Run_WhoseWriteHasFailed_StoresNoRoundThatItsStoredLogLacks(string state)
    {
        var expected = await UndisturbedAsync(Keeping());
        await using var federation = await StartAsync();
        var (failures, seen) = (3, new List<(int Counted, int Logged)>());
        _states.OnFailure = () => _states.FailWritesOf = --failures == 0 ? null : state;
        _states.OnWrite = written =>
        {
            if (written == "run" && _states.Read<RunState>("run", "run/test/run-1", federation.Serializer) is { Status: { } status })
            {
                seen.Add((status.RoundsDone, _states.Stored.ContainsKey("run-log-0-run/test/run-1") ? _states.Read<RunLogSegment>("run-log-0", "run/test/run-1", federation.Serializer).Rounds.Length : 0));
                _states.FailWritesOf = failures > 0 && seen.Count == 2 ? state : _states.FailWritesOf; // once it is started, and an attempt has begun
            }
        };
        await federation.StartRunAsync(Keeping());
        var watching = WatchAsync(federation);

        var status = await federation.WaitAsync("test", "run-1");

        await watching;
        Assert.Equal(0, failures);
        Assert.All(seen, one => Assert.True(one.Logged >= one.Counted, $"{one.Counted} rounds are counted, and {one.Logged} are in the log."));
        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(Enumerable.Range(1, 6), status.Rounds.Select(round => round.Round));
    }

    // A store that a program without the law above has written.
    [Fact]
    public async Task Run_WhoseStateCountsRoundsWithoutALog_IsRepeatedFromItsBeginning()
    {
        var expected = await UndisturbedAsync(Keeping());
        await using (var first = await StartAsync())
        {
            await first.LoseInRoundThreeAsync(Keeping());
            _states.Change<RunState>("run", "run/test/run-1", first.Serializer, run => run with { Segments = 0 });
        }

        await using var second = await StartAsync();
        var status = await second.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(Enumerable.Range(1, 6), status.Rounds.Select(round => round.Round));
    }

    // Whoever waits for events keeps the activation that has failed: the next attempt is its own.
    private static async Task WatchAsync(TestFederation federation)
    {
        var after = 0L;
        for (var events = new RunEvents([], false); !events.Ended;)
        {
            try
            {
                events = await federation.Grains.GetGrain<IRunGrain>("test/run-1").ReadEventsAsync(after, TimeSpan.FromSeconds(1));
                after = events.Events.IsEmpty ? after : events.Events[^1].Id;
            }
            catch (Exception exception) when (exception is OrleansException or IOException)
            {
                after = 0; // another activation
            }
        }
    }

    private (int Epoch, int Since) Epochs(TestFederation federation) =>
        _states.Read<RunState>("run", "run/test/run-1", federation.Serializer) is var run ? (run.Epoch, run.Since) : default;

    private static RunRequest Keeping()
    {
        var request = TestFederation.Request(rounds: 6);
        return request with { LearnerOptions = request.LearnerOptions.Add("objective", "logistic").Add("scaffold", "on") };
    }

    private static async Task<RunStatus> UndisturbedAsync(RunRequest request)
    {
        await using var federation = await TestFederation.StartAsync(1);
        return await federation.RunAsync(request);
    }

    private Task<TestFederation> StartAsync() => TestFederation.StartAsync(1, _states, _models);
}
