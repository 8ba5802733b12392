using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Runs;

/// <summary>What is known of a run while it is driven: its status and its events. Used on the run grain's scheduler only.</summary>
internal sealed class RunJournal(RunStatus status, RunEventLog events, Func<RunStatus, Task> save)
{
    private readonly List<RoundRecord> _rounds = [.. status.Rounds];
    private RunStatus _status = status;

    public RunStatus Status => _status with { Rounds = [.. _rounds] };

    public int RoundsDone => _status.RoundsDone;

    public bool Ended => _status.Phase is RunPhase.Completed or RunPhase.Stopped or RunPhase.Failed;

    /// <summary>The latest metrics, for the manifest of a version.</summary>
    public ImmutableSortedDictionary<string, double> LastMetrics =>
        _status.Evaluations.IsEmpty ? ImmutableSortedDictionary<string, double>.Empty : _status.Evaluations[^1].Metrics;

    public IEnumerable<EvaluationRecord> Evaluations => _status.Evaluations;

    /// <summary>Makes the status durable.</summary>
    public Task SaveAsync() => save(Status);

    public void Loading(string text) => events.Add(new RunEvent { Kind = "run.loading", Text = text });

    public void Started(string text)
    {
        _status = _status with { Phase = RunPhase.Running };
        events.Add(new RunEvent { Kind = "run.started", Text = text });
    }

    public void WarmStarted(string text) => events.Add(new RunEvent { Kind = "warm-start", Text = text });

    public void Progress(string kind, RoundRecord record) => events.Add(new RunEvent { Kind = kind, Round = record.Round, Record = record });

    /// <summary>Takes a round in before it is published, so that a version never has rounds that the stored status lacks.</summary>
    public void RoundTrained(RoundRecord record, double seconds)
    {
        _rounds.Add(record);
        _status = _status with { RoundsDone = record.Round, TrainSeconds = _status.TrainSeconds + seconds };
    }

    /// <summary>Completes the round taken in last.</summary>
    public void RoundDone(RoundRecord record)
    {
        _rounds[^1] = record;
        Progress("round.done", record);
    }

    public void Published(long version, string sha256, int round, double seconds)
    {
        _status = _status with { Version = version, Sha256 = sha256, PublishSeconds = _status.PublishSeconds + seconds };
        events.Add(new RunEvent { Kind = "model", Round = round, Version = version });
    }

    /// <summary>At its end the run leaves another version in use than the last.</summary>
    public void Chose(long version, string sha256) => _status = _status with { Version = version, Sha256 = sha256 };

    public void Evaluated(EvaluationRecord evaluation)
    {
        _status = _status with { Evaluations = _status.Evaluations.Add(evaluation) };
        events.Add(new RunEvent { Kind = "eval", Round = evaluation.Round, Evaluation = evaluation });
    }

    public void End(RunEnding ending, DateTimeOffset at)
    {
        _status = _status with { Phase = ending.Phase, StopReason = ending.Reason, Reason = ending.Text, EndedAt = at };
        events.Add(new RunEvent { Kind = "run.done", Round = _status.RoundsDone, Text = $"{ending.Phase}: {ending.Text}" });
    }

    /// <summary>Goes back to a published round: what was done after it is done again.</summary>
    public void Rewind(int round, long version, string sha256)
    {
        _rounds.RemoveAll(record => record.Round > round);
        _status = _status with
        {
            RoundsDone = round,
            Version = version,
            Sha256 = sha256,
            Evaluations = [.. _status.Evaluations.Where(evaluation => evaluation.Round <= round)],
        };
    }
}
