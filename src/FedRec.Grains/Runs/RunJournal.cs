using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Runs;

/// <summary>What is known of a run while it is driven: its status, its checkpoints, its log and its events. Used on the run grain's scheduler only.</summary>
internal sealed class RunJournal
{
    private readonly RunLog _log;
    private readonly RunEventLog _events;
    private readonly Func<RunState, Task> _save;
    private RunState _state;
    private RunState _stored; // memory is ahead of it, and after a write that failed it stays so

    /// <param name="state">As it is stored.</param>
    /// <param name="log">The rounds and evaluations that are stored beside it.</param>
    /// <param name="events">Told of what happens.</param>
    /// <param name="save">Makes the state durable.</param>
    public RunJournal(RunState state, RunLog log, RunEventLog events, Func<RunState, Task> save)
    {
        (_log, _events, _save) = (log, events, save);
        _stored = _state = state with { Status = state.Status! with { Rounds = [], Evaluations = [] } };
    }

    /// <summary>All rounds taken in, oldest first.</summary>
    public ImmutableArray<RoundRecord> Rounds => _log.Rounds;

    public RunStatus Status => Bare with { Rounds = _log.Rounds, Evaluations = _log.Evaluations };

    public int RoundsDone => Bare.RoundsDone;

    public bool Ended => Bare.Phase is RunPhase.Completed or RunPhase.Stopped or RunPhase.Failed;

    /// <summary>Whether nothing is left of a run that has ended but its record.</summary>
    public bool Settled => Ended && _state is { Last: null, Best: null };

    /// <summary>Where the run goes on after a crash; null for its beginning.</summary>
    public Checkpoint? Last => _state.Last;

    /// <summary>The best checkpoint on validation; null for none.</summary>
    public Checkpoint? Best => _state.Best;

    /// <summary>The round done last; null before the first.</summary>
    public RoundRecord? LastRound => _log.Find(RoundsDone);

    public ImmutableArray<EvaluationRecord> Evaluations => _log.Evaluations;

    /// <summary>Whether a round was evaluated on a split.</summary>
    public bool IsEvaluated(int round, bool onValidation) => _log.IsEvaluated(round, onValidation);

    private RunStatus Bare => _state.Status!;

    /// <summary>The last round that was committed, up to a given one; null for none.</summary>
    public RoundRecord? LastCommitted(int upTo)
    {
        for (var round = upTo; _log.Find(round) is { } record; round--)
        {
            if (record.Phase == nameof(Core.Federation.RoundPhase.Committed))
            {
                return record;
            }
        }

        return null;
    }

    /// <summary>Whether an earlier round has counted a client's update.</summary>
    /// <param name="client">Number of the client.</param>
    /// <param name="round">The round that it was asked to train for.</param>
    /// <param name="earlier">A round before that one; 0 for none.</param>
    /// <exception cref="ArgumentException">It was asked for a round that is not open.</exception>
    public bool HasCounted(int client, int round, int earlier) => !Ended && round == RoundsDone + 1
        ? _log.Find(earlier) is { Phase: nameof(Core.Federation.RoundPhase.Committed) } record && !record.Missing.Contains(client)
        : throw new ArgumentException($"Round {round} of {Bare.RunId} is not open; {RoundsDone} rounds are done.", nameof(round));

    /// <summary>The attempt at driving the run that is under way.</summary>
    public int Epoch => _state.Epoch;

    /// <summary>The attempt in which the run was last begun with its first round.</summary>
    public int Since => _state.Since;

    /// <summary>Begins another attempt at driving the run, from what the store has, and binds it to the data that it began with; durable when it returns.</summary>
    /// <param name="numbered">Hash of the data as it is now, see <see cref="Core.Data.Dataset.NumberedSha256"/>.</param>
    /// <exception cref="InvalidDataException">The run began with other data: numbers of its clients and items mean others now.</exception>
    public async Task BeginAttemptAsync(string numbered)
    {
        if (_state.NumberedSha256.Length > 0 && _state.NumberedSha256 != numbered)
        {
            throw new InvalidDataException($"The data has changed since {Bare.RunId} began, so its {RoundsDone} rounds cannot be gone on with; start a new run.");
        }

        _log.Rewind(_stored.Status!.RoundsDone); // what a failed write has left in memory must not be stored without its rounds
        _state = _stored with { NumberedSha256 = numbered, Epoch = _stored.Epoch + 1 };
        await StoreAsync(); // nothing of the log: whoever loses here has written nothing over the winner's rounds
    }

    /// <summary>Makes everything durable: first the log, then the state that counts on it.</summary>
    public async Task SaveAsync()
    {
        _state = _state with { Segments = await _log.SaveAsync(_state.Epoch) };
        await StoreAsync();
    }

    public void Loading(string text) => _events.Add(new RunEvent { Kind = "run.loading", Text = text });

    public void Working(string text) => _events.Add(new RunEvent { Kind = "run.working", Round = RoundsDone, Text = text });

    public void Started(string text)
    {
        Update(Bare with { Phase = RunPhase.Running });
        _events.Add(new RunEvent { Kind = "run.started", Text = text });
    }

    public void WarmStarted(string text) => _events.Add(new RunEvent { Kind = "warm-start", Text = text });

    public void Progress(string kind, RoundRecord record) => _events.Add(new RunEvent { Kind = kind, Round = record.Round, Record = Told(record) });

    /// <summary>Takes a round in before there is a checkpoint of it, so that a checkpoint never has rounds that the stored log lacks.</summary>
    public void RoundTrained(RoundRecord record, double seconds)
    {
        _log.Add(Told(record));
        Update(Bare with { RoundsDone = record.Round, TrainSeconds = Bare.TrainSeconds + seconds });
    }

    /// <summary>Tells of the round taken in last.</summary>
    public void RoundDone(RoundRecord record) => Progress("round.done", record);

    /// <summary>Points at a checkpoint; nothing is durable before <see cref="SaveAsync"/>.</summary>
    public void Keep(Checkpoint last, Checkpoint? best, double seconds) =>
        _state = _state with { Last = last, Best = best, Status = Bare with { CheckpointRound = last.Round, PublishSeconds = Bare.PublishSeconds + seconds } };

    /// <summary>The run has ended, and its checkpoints are gone.</summary>
    public void DropCheckpoints() => _state = _state with { Last = null, Best = null, Status = Bare with { CheckpointRound = 0 } };

    public void Published(ModelManifest manifest, PromotionDecision? promotion, double seconds)
    {
        _log.Replace(_log.Find(manifest.Round)! with { Version = manifest.Version });
        Update(Bare with { Version = manifest.Version, Sha256 = manifest.Sha256, Promotion = promotion, PublishSeconds = Bare.PublishSeconds + seconds });
        _events.Add(new RunEvent { Kind = "model", Round = manifest.Round, Version = manifest.Version, Text = promotion?.Reason });
    }

    public void Evaluated(EvaluationRecord evaluation)
    {
        _log.Add(evaluation);
        _events.Add(new RunEvent { Kind = "eval", Round = evaluation.Round, Evaluation = evaluation });
    }

    /// <summary>Records how the run ended; it has ended, for whoever looks, only once that is stored and told: a coordinator that was voted out may come to another end.</summary>
    public async Task EndAsync(RunEnding ending, DateTimeOffset at)
    {
        var segments = await _log.SaveAsync(_state.Epoch);
        var ended = _state with { Segments = segments, Status = Bare with { Phase = ending.Phase, StopReason = ending.Reason, Reason = ending.Text, EndedAt = at } };
        await _save(ended);
        _state = _stored = ended;
        _events.Add(new RunEvent { Kind = "run.done", Round = RoundsDone, Text = $"{ending.Phase}: {ending.Text}" });
    }

    /// <summary>Goes back to a checkpoint: what was done after it is done again.</summary>
    public void Rewind(int round)
    {
        _log.Rewind(round);
        Update(Bare with { RoundsDone = round, Version = 0, Sha256 = "" }); // a version that an older program published on the way is not the run's
    }

    /// <summary>Where records of rounds are lost, an unfinished run is repeated from its beginning, and one that has ended says so.</summary>
    /// <returns>What is said of it; null when none is lost.</returns>
    public string? Lament()
    {
        if (_log.Lost is not { } round)
        {
            return null;
        }

        if (!Ended)
        {
            DropCheckpoints();
            Rewind(0);
            _stored = _state; // nothing else of it is gone on with
            return $"its record of round {round} is lost; it is repeated from its beginning";
        }

        var note = $"Records of rounds from {round} on are missing: they were damaged in the store. The version is not touched by it.";
        Update(Bare with { Notes = Bare.Notes.Contains(note) ? Bare.Notes : Bare.Notes.Add(note) });
        return note;
    }

    /// <summary>Begins with the first round, whatever clients keep of an earlier attempt; durable with the first checkpoint, before which the next attempt does the same.</summary>
    public void BeginAnew()
    {
        Rewind(0);
        _state = _state with { Since = _state.Epoch };
    }

    // Of a private run nothing is told that no noise hides and that comes from what clients have.
    private RoundRecord Told(RoundRecord record) => Bare.Request.Privacy is null ? record : record with { Loss = null, ClippedShare = 0, Fault = null };

    private async Task StoreAsync()
    {
        var state = _state;
        await _save(state);
        _stored = state;
    }

    private void Update(RunStatus status) => _state = _state with { Status = status };
}
