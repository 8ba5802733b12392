using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace FedRec.Grains.Rounds;

/// <summary>Drives one <see cref="Round"/>: asks the cohort, counts what comes, closes at the goal or the deadline.</summary>
/// <remarks>The asking goes on beside the grain's other calls, always on its own scheduler: every step between two awaits is
/// one turn, and every change of the round is one such step. After a crash the plan is read again, the deadline starts anew
/// and whoever is not in the stored sum is asked again; training is deterministic, so the repeated update is the same.</remarks>
internal sealed partial class RoundGrain(
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage,
    LocalAggregators aggregators,
    TimeProvider time,
    IOptions<TrainingOptions> options,
    ILogger<RoundGrain> log) : Grain, IRoundGrain
{
    private static readonly TimeSpan s_watchInterval = TimeSpan.FromSeconds(2);
    private TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LazyState<RoundState> _saved = null!; // set on activation
    private Round? _round;
    private CohortCalls? _calls;
    private IGrainTimer? _deadline;
    private IGrainTimer? _watch;
    private long _openedAt;
    private long _checkpointAt;
    private long _bytesUp;
    private double _milliseconds;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _saved = new LazyState<RoundState>("round", this, storage);
        return Task.CompletedTask;
    }

    public async Task OpenAsync(RoundOrder order, CancellationToken cancellationToken = default)
    {
        if (order.Durable)
        {
            await ReadAsync();
        }
        else
        {
            _saved.SkipReading(); // whatever is stored under this number is repeated from an earlier round
        }

        // A closed round that is asked for again, without its sum in memory, lost the sum in a crash before a version held it.
        if (_round is not null || _saved.State.Closed is { Phase: nameof(RoundPhase.Abandoned) })
        {
            return;
        }

        _saved.State = new RoundState { Order = order };
        if (order.Durable)
        {
            await WriteAsync(); // before anyone is asked
        }

        Begin(order, null);
    }

    public async Task<RoundResult?> WaitAsync(TimeSpan wait, CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        if (_round is null)
        {
            return _saved.State.Closed is { } closed
                ? new RoundResult(closed, null)
                : throw new InvalidOperationException($"Round {this.GetPrimaryKeyString()} is not open.");
        }

        if (!_closed.Task.IsCompleted)
        {
            await Task.WhenAny(_closed.Task, Task.Delay(wait, time, cancellationToken));
        }

        if (_round is null)
        {
            return new RoundResult(_saved.State.Closed!, null); // committed meanwhile: whoever committed it has the sum
        }

        return _round.Closed ? new RoundResult(Record(), _round.Phase == RoundPhase.Abandoned ? null : Counted()) : null;
    }

    public async Task<UpdateReceipt> SubmitAsync(PartialSum updates, CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        if (_round is null)
        {
            return _saved.State.Closed is null ? UpdateReceipt.UnknownRound : UpdateReceipt.Late;
        }

        var receipt = Count(updates);
        if (receipt == UpdateReceipt.Duplicate)
        {
            _ = _calls!.AskAgainAsync([.. Outstanding().Intersect(updates.Clients)]); // their update is in no other sum
        }

        if (receipt == UpdateReceipt.Accepted && _saved.State.Order!.Durable && !_round.Closed
            && time.GetElapsedTime(_checkpointAt) >= options.Value.CheckpointInterval)
        {
            _checkpointAt = time.GetTimestamp();
            _saved.State = _saved.State with { Counted = Copy() };
            await WriteAsync();
        }

        return receipt;
    }

    public async Task CommitAsync(long version, CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        if (_round is { Phase: RoundPhase.Aggregating })
        {
            _round.Commit();
        }

        if (_round is not null)
        {
            _saved.State = new RoundState { Order = _saved.State.Order, Closed = Record() with { Version = version } };
            if (_saved.State.Order!.Durable)
            {
                await WriteAsync();
            }

            // The sum is as large as the model, and this grain may outlive a thousand rounds; the timers hold it too.
            (_round, _calls, _deadline, _watch) = (null, null, null, null);
        }
    }

    public async Task<RoundRecord?> GetRecordAsync(CancellationToken cancellationToken = default)
    {
        await ReadAsync();
        return _saved.State.Closed ?? (_round is null ? null : Record());
    }

    // Goes on with the stored round, if there is one that is open.
    private Task ReadAsync() => _saved.ReadAsync(() =>
    {
        if (_saved.State is { Order: { } order, Closed: null })
        {
            Begin(order, _saved.State.Counted);
        }
    });

    private void Begin(RoundOrder order, PartialSum? counted)
    {
        var round = _round = new Round(RoundMessages.ToPlan(order));
        _round.Open();
        (_openedAt, _checkpointAt) = (time.GetTimestamp(), time.GetTimestamp());
        (_closed, _bytesUp) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        var calls = _calls = new CohortCalls(order, GrainFactory, aggregators, client => OnDropped(round, client), log);
        if (counted is not null)
        {
            Count(counted);
        }

        if (order.Settings.VirtualTime)
        {
            ApplyFates(order);
        }

        var timer = new GrainTimerCreationOptions(order.Settings.Deadline, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true };
        _deadline = this.RegisterGrainTimer(_ => ExpireAsync(round, calls), timer);
        var watch = new GrainTimerCreationOptions(s_watchInterval, s_watchInterval) { Interleave = true, KeepAlive = true };
        _watch = this.RegisterGrainTimer(_ => round == _round ? calls.WatchAsync(Outstanding()) : Task.CompletedTask, watch);
        _ = calls.AskAsync(Outstanding());
    }

    // Virtual clients that drop out or come too late are not asked: nothing of them would be counted.
    private void ApplyFates(RoundOrder order)
    {
        var fates = new SimulatedFaults(order.Settings.Dropout, order.Settings.Straggler).Draw(order.Seed, _round!.Plan);
        for (var i = 0; i < fates.Length; i++)
        {
            if (fates[i] != ClientState.Outstanding)
            {
                _round.Report(_round.Plan.Cohort[i], fates[i]);
            }
        }

        CloseIfDone();
    }

    private ImmutableArray<int> Outstanding() => [.. _round!.Clients(ClientState.Outstanding)];

    private UpdateReceipt Count(PartialSum updates)
    {
        foreach (var client in updates.Failed)
        {
            _round!.Report(client, ClientState.Dropped);
        }

        foreach (var client in updates.Rejected)
        {
            _round!.Report(client, ClientState.Rejected);
        }

        var outcome = updates.Clients.IsEmpty ? SubmissionOutcome.Accepted : _round!.Submit(RoundMessages.ToSubmission(updates));
        _bytesUp += outcome == SubmissionOutcome.Accepted ? updates.BytesUp : 0;
        CloseIfDone();
        return RoundMessages.ToReceipt(outcome);
    }

    // What comes from calls and timers of a round that was committed meanwhile is no longer of interest.
    private void OnDropped(Round round, int client)
    {
        if (round == _round)
        {
            round.Report(client, ClientState.Dropped);
            CloseIfDone();
        }
    }

    private async Task ExpireAsync(Round round, CohortCalls calls)
    {
        await calls.CollectAsync(); // what the silos have summed by now still counts
        if (round == _round)
        {
            round.Expire();
            CloseIfDone();
        }
    }

    private void CloseIfDone()
    {
        if (_round!.Closed && _closed.TrySetResult())
        {
            _milliseconds = time.GetElapsedTime(_openedAt).TotalMilliseconds;
            _deadline?.Dispose();
            _watch?.Dispose();
            _ = _calls!.ForgetAsync();
            LogClosed(this.GetPrimaryKeyString(), _round.Phase, _round.Sum.Clients, _round.Plan.Cohort.Length);
        }
    }

    private RoundRecord Record() => RoundMessages.ToRecord(
        _round!, _saved.State.Order!, _bytesUp, _closed.Task.IsCompleted ? _milliseconds : time.GetElapsedTime(_openedAt).TotalMilliseconds);

    private PartialSum Counted() => RoundMessages.ToMessage(
        new TrainOrder(_saved.State.Order!.RunKey, _round!.Plan.Number, _round.Plan.BaseVersion),
        _round.Sum,
        [.. _round.Clients(ClientState.Counted)],
        _bytesUp);

    // While the round is open the sum still changes: what leaves the grain is a copy.
    private PartialSum Copy()
    {
        var counted = Counted();
        return counted with { Values = counted.Values.ToArray() };
    }

    private Task WriteAsync() => _saved.WriteAsync();

    [LoggerMessage(LogLevel.Debug, "Round {Round} is {Phase}: {Participants} of {Asked} clients counted")]
    private partial void LogClosed(string round, RoundPhase phase, int participants, int asked);
}
