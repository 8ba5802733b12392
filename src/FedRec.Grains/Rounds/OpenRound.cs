using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.Training;

namespace FedRec.Grains.Rounds;

/// <summary>A round that is being collected, or whose sum is waiting for the server's step: state machine, calls, timers, counters.</summary>
/// <remarks>Used on the round grain's scheduler only: every step between two awaits is one turn, and every change of the round is
/// one such step.</remarks>
internal sealed partial class OpenRound
{
    private static readonly TimeSpan s_watchInterval = TimeSpan.FromSeconds(2);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RoundOrder _order;
    private readonly Round _round;
    private readonly CohortCalls _calls;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _openedAt;
    private IGrainTimer? _deadline;
    private IGrainTimer? _watch;
    private readonly StagedSums _staged;
    private UpdateFault? _fault;
    private long _bytesUp;
    private long _sumBytes;
    private long _movedBytes;
    private readonly SiloAddress _here;
    private int _clipped;
    private double _milliseconds;
    private readonly HashSet<int> _failed = [];
    private readonly List<(double Seconds, int Clients)> _answers = [];
    private double _virtualSeconds;

    private readonly Func<ImmutableArray<int>, Task<SecureRound>> _planSecure;
    private Grain? _grain;
    private SecureCollection? _secure; // where updates are masked
    private bool _isUnmasking;

    /// <param name="order">The round.</param>
    /// <param name="aggregator">What makes one thing of the updates.</param>
    /// <param name="planSecure">Plans its secure aggregation, for its cohort; called where updates are masked.</param>
    /// <param name="grains">Reaches clients.</param>
    /// <param name="aggregators">Reach silos.</param>
    /// <param name="here">This silo.</param>
    /// <param name="active">The silos that there are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it goes.</param>
    public OpenRound(
        RoundOrder order, IAggregator aggregator, Func<ImmutableArray<int>, Task<SecureRound>> planSecure, IGrainFactory grains, LocalAggregators aggregators, SiloAddress here,
        Func<IEnumerable<SiloAddress>> active, TimeProvider time, ILogger log)
    {
        _planSecure = planSecure;
        (_order, _here, _time, _log, _openedAt) = (order, here, time, log, time.GetTimestamp());
        _round = new Round(RoundMessages.ToPlan(order, aggregator));
        _staged = StagedSums.For(_round.Plan.Aggregator, order.UpdateLength);
        _calls = new CohortCalls(order, grains, new CohortSilos(order, aggregators.On, time, log), new CohortRegions(order, grains, log), active, OnDropped, time, log);
    }

    /// <summary>Done when no further update is counted.</summary>
    public Task Closed => _closed.Task;

    public bool IsClosed => _round.Closed;

    /// <summary>What was asked for.</summary>
    public RoundOrder Order => _order;

    /// <summary>Whether clients were given up that nobody reached or that could not train, and that no later round waits for.</summary>
    public bool HasLost => _failed.Count > 0 && !GoesOn;

    /// <summary>Whether what is counted can be kept through a crash: nobody can take out masks of a round whose server has forgotten what it was told.</summary>
    public bool CanBeKept => _round.Partial.IsOpen;

    /// <summary>Begins to collect: what was counted before a crash counts, and whoever is missing is asked.</summary>
    /// <param name="grain">The grain that the round lives in.</param>
    /// <param name="counted">What it had counted; null for nothing.</param>
    /// <param name="tryAgain">Has another one begin in its place, with other keys; false when that is no use.</param>
    public void Begin(Grain grain, PartialSum? counted, Func<bool> tryAgain)
    {
        _grain = grain;
        _round.Open();
        if (counted is not null)
        {
            Count(counted, isOwn: true);
        }

        if (_order.Settings.VirtualTime)
        {
            var time = new SimulatedFaults(_order.Settings.Dropout, _order.Settings.Straggler).Apply(_order.Seed, _round);
            _virtualSeconds = (time ?? 0) * _order.Settings.Deadline.TotalSeconds;
        }

        if (!_round.Partial.IsOpen)
        {
            _secure = new SecureCollection(_order, _round, new SecureWays(() => _calls.AskAsync(Outstanding()), () => _planSecure(_round.Plan.Cohort), _calls.SendAsync, OnDropped, CloseIfDone, tryAgain, (after, act) => After(after, () => Done(act))), _log);
        }

        _deadline = After(_order.Settings.Deadline, ExpireAsync);
        _watch = grain.RegisterGrainTimer(_ => WatchAsync(), new GrainTimerCreationOptions(s_watchInterval, s_watchInterval) { Interleave = true, KeepAlive = true });
        CloseIfDone();
        _ = _secure?.BeginAsync() ?? _calls.AskAsync(Outstanding());
    }

    /// <summary>Takes answers of clients to a step of secure aggregation.</summary>
    /// <returns>False when they are of no use.</returns>
    public bool Answer(SecureAnswers answers) => !IsClosed && _secure is not null && _secure.Answer(answers);

    /// <summary>Takes in a block of a sum that is too large for one message.</summary>
    public void Stage(SumBlock block)
    {
        if (!IsClosed)
        {
            _staged.Add(block);
        }
    }

    /// <summary>Drops the blocks of a sum that is not sent any more.</summary>
    public void Unstage(Guid sum) => _staged.Remove(sum);

    /// <summary>Takes in a sum, with the blocks that were sent ahead.</summary>
    public UpdateReceipt Submit(PartialSum updates)
    {
        if (_staged.Complete(updates) is not { } sum)
        {
            return IsClosed ? UpdateReceipt.Late : UpdateReceipt.Incomplete;
        }

        _sumBytes += sum.Values.Length;
        _movedBytes += _here.Equals(sum.From) ? 0 : sum.Values.Length;
        var receipt = Count(sum);
        _staged.Remove(updates.Staged); // counted or refused, it is not sent again
        return receipt;
    }

    /// <summary>Takes in a sum of updates and the failures that came with it.</summary>
    /// <param name="updates">The sum.</param>
    /// <param name="isOwn">Whether this round had counted it before a crash. Default: false.</param>
    public UpdateReceipt Count(PartialSum updates, bool isOwn = false)
    {
        _failed.UnionWith(updates.Failed.Concat(updates.Rejected));
        foreach (var client in updates.Failed)
        {
            _round.Report(client, ClientState.Dropped);
        }

        foreach (var client in updates.Rejected)
        {
            _round.Report(client, ClientState.Rejected);
        }

        _fault = UpdateFaults.Graver(_fault, updates.Fault);
        _secure?.Leave(updates.Failed.AddRange(updates.Rejected));

        var outcome = updates.Clients.IsEmpty ? SubmissionOutcome.Accepted
            : isOwn ? _round.Resume(RoundMessages.ToSubmission(updates, _round.Plan)) : Submit(RoundMessages.ToSubmission(updates, _round.Plan));
        if (outcome == SubmissionOutcome.Accepted)
        {
            (_bytesUp, _clipped) = (_bytesUp + updates.BytesUp, _clipped + updates.Clipped);
            _answers.Add((_time.GetElapsedTime(_openedAt).TotalSeconds, updates.Clients.Length));
        }

        if (outcome == SubmissionOutcome.Duplicate && _secure is null)
        {
            _ = _calls.AskAgainAsync([.. Outstanding().Intersect(updates.Clients)]); // their update is in no other sum
        }

        CloseIfDone();
        return RoundMessages.ToReceipt(outcome);
    }

    /// <summary>Notes that the server has taken its step.</summary>
    public void Commit()
    {
        if (_round.Phase == RoundPhase.Aggregating)
        {
            _round.Commit();
        }
    }

    /// <summary>Collects no more, and decides nothing.</summary>
    public void Drop()
    {
        _deadline?.Dispose();
        _watch?.Dispose();
        _secure?.Stop();
        _staged.Clear();
    }

    /// <summary>Collects no more, and has the silos forget their clients' part in it.</summary>
    public Task GiveUpAsync()
    {
        Drop();
        return _calls.ForgetAsync();
    }

    /// <summary>Gives the memory of the sum back, which nobody reads any more.</summary>
    public void Release() => _round.Partial.Release();

    public RoundRecord Record()
    {
        var record = RoundMessages.ToRecord(_round, _order, (_bytesUp, _clipped), Closed.IsCompleted ? _milliseconds : _time.GetElapsedTime(_openedAt).TotalMilliseconds, _virtualSeconds);
        return record with
        {
            SumBytes = _sumBytes,
            MovedSumBytes = _movedBytes,
            DeadlineSeconds = _order.Settings.Deadline.TotalSeconds,
            AnswerSeconds = AnswerSeconds(),
            Fault = record.Rejected > 0 ? _fault : null,
        };
    }

    /// <summary>The closed round; without a sum when it was abandoned.</summary>
    public RoundResult Result() => new(Record(), _round.Phase == RoundPhase.Abandoned ? null : Sum()) { InTraining = InTraining(), Failed = [.. _failed] };

    /// <summary>A copy of what is counted so far; the round's own sum still changes.</summary>
    public PartialSum Checkpoint()
    {
        var counted = Sum();
        return counted with { Values = counted.Values.ToArray() };
    }

    private double AnswerSeconds()
    {
        var (left, slowest) = (_answers.Sum(answer => answer.Clients) / 20, 0.0); // one of twenty may be slower
        foreach (var (seconds, clients) in _answers.OrderByDescending(answer => answer.Seconds))
        {
            slowest = seconds;
            left -= clients;
            if (left < 0)
            {
                break;
            }
        }

        return slowest;
    }

    // In an asynchronous run in real time the next round collects whoever is not done in this one.
    private bool GoesOn => _round.Plan.Rules is BufferedRules && !_order.Settings.VirtualTime;

    private ImmutableArray<TrainedFor>? InTraining()
    {
        if (!GoesOn || _order.Asked is not { } asked)
        {
            return null;
        }

        var outstanding = _round.Clients(ClientState.Outstanding).ToHashSet();
        return [.. asked.Where(one => outstanding.Contains(one.Client))];
    }

    // Of a closed round nobody is waited for.
    private ImmutableArray<int> Outstanding() => _round.Closed ? [] : [.. _round.Clients(ClientState.Outstanding)];

    private PartialSum Sum() => RoundMessages.ToMessage(
        new TrainOrder(_order.RunKey, _order.Round, _order.BaseVersion), _round.Partial, [.. _round.Clients(ClientState.Counted)], _bytesUp) with
    {
        Clipped = _clipped,
    };

    private void OnDropped(int client)
    {
        _failed.Add(client);
        _round.Report(client, ClientState.Dropped);
        CloseIfDone();
    }

    private SubmissionOutcome Submit(Submission submission) =>
        submission.Partial is MaskedUpdates masked && _round.Phase == RoundPhase.Collecting && !_secure!.TryReceive(masked) ? SubmissionOutcome.Malformed : _round.Submit(submission);

    private async Task WatchAsync()
    {
        if (_secure is null)
        {
            await _calls.WatchAsync(Outstanding);
        }
        else if (!_calls.IsAsking)
        {
            _secure.Lose(await _calls.FindLostAsync(() => _round.Phase == RoundPhase.Unmasking ? [.. _round.Clients(ClientState.Counted)] : Outstanding()));
        }
    }

    private IGrainTimer After(TimeSpan time, Func<Task> act) =>
        _grain!.RegisterGrainTimer(_ => act(), new GrainTimerCreationOptions(time, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private async Task ExpireAsync()
    {
        var phase = _round.Phase;
        await _calls.CollectAsync(); // what the silos have summed by now still counts
        if (_round.Phase == phase) // the next one has a deadline of its own
        {
            _round.Expire();
        }

        CloseIfDone();
    }

    private void CloseIfDone()
    {
        if (_round.Phase == RoundPhase.Unmasking && !_isUnmasking)
        {
            _isUnmasking = true;
            _deadline?.Dispose();
            _deadline = After(_order.Settings.Deadline, ExpireAsync); // a deadline of its own
            _ = _secure!.UnmaskAsync();
        }

        if (_round.Closed && _closed.TrySetResult())
        {
            _milliseconds = _time.GetElapsedTime(_openedAt).TotalMilliseconds;
            _deadline?.Dispose();
            _watch?.Dispose();
            _secure?.Stop();
            _staged.Clear();
            (_deadline, _watch) = (null, null); // they hold this round, and its sum is as large as the model
            if (!GoesOn)
            {
                _ = _calls.ForgetAsync();
            }

            LogClosed(_order.RunKey, _order.Round, _round.Phase, _round.Sum.Clients, _round.Plan.Cohort.Length);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Run {Run}, round {Round} is {Phase}: {Participants} of {Asked} clients counted")]
    private partial void LogClosed(string run, int round, RoundPhase phase, int participants, int asked);
}
