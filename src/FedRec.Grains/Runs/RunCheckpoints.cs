using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>The checkpoints of one run: the last, from which it goes on after a crash, and the best on validation, of which its version is made.</summary>
/// <remarks>First the content, named by round and hash, then the pointer to it in the run's own state. Nothing of it is served, and all of it is
/// deleted when the run has ended.</remarks>
internal sealed partial class RunCheckpoints(RunContext run, RunJournal journal, RunServices services)
{
    private readonly CheckpointPolicy _policy = new(run.Request.Rounds.PublishEvery, services.Time);

    /// <summary>Round of the last checkpoint; 0 before the first.</summary>
    public int Round => journal.Last?.Round ?? 0;

    /// <summary>Whether a round is to be kept. Where clients keep state, every round is: they can repeat one round, and no more.</summary>
    public bool IsDue(int round) => run.KeepsState || _policy.IsDue(round);

    /// <summary>Goes back to the last checkpoint.</summary>
    /// <returns>The server's state there, and what was kept of earlier rounds; where there is none, at the run's beginning.</returns>
    public async Task<(ServerState State, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> Earlier)> RestoreAsync()
    {
        if (journal.Last is null)
        {
            await AdoptVersionsAsync();
        }

        if (journal.Last is { } last && await LoadAsync(last) is { } content)
        {
            journal.Rewind(last.Round);
            return content;
        }

        journal.BeginAnew();
        return (run.Algorithm.Init(await services.Publisher.LoadInitialAsync(run, journal.WarmStarted)), ImmutableSortedDictionary<int, ReadOnlyMemory<float>>.Empty);
    }

    /// <summary>Keeps the last round taken in, unless that has happened; durable when it returns.</summary>
    /// <param name="state">The server's state after it.</param>
    /// <param name="earlier">Parameters after earlier rounds from which clients are training still.</param>
    public Task SaveAsync(ServerState state, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> earlier) => journal.RoundsDone == Round ? Task.CompletedTask : WriteAsync(state, earlier, metric: null);

    /// <summary>Keeps the last round taken in as the best so far if an evaluation says so: on validation items, of parameters that a round has committed.</summary>
    public async Task ObserveAsync(EvaluationRecord evaluation, ServerState state, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> earlier)
    {
        if (evaluation.OnValidation && run.Recommended.Step != StepRule.Sum // of statistics, only the complete sum is a model
            && evaluation.Metrics.TryGetValue(Promotion.Metric, out var value) && !(value <= journal.Best?.Metric)
            && journal.LastCommitted(evaluation.Round) is not null)
        {
            await WriteAsync(state, earlier, value);
        }
    }

    /// <summary>The checkpoint that the run's version is made of: the best, or the last where there is no best; null when no round was committed.</summary>
    public Checkpoint? Chosen => journal.Best ?? (journal.Last is { Committed: > 0 } last ? last : null);

    /// <summary>The server's state at a checkpoint.</summary>
    /// <returns>Null when the store has lost or damaged it: then no checkpoint is trusted, and the run is repeated from its beginning, to the same model.</returns>
    public async Task<ServerState?> FindAsync(Checkpoint checkpoint) => (await LoadAsync(checkpoint))?.State;

    private async Task<(ServerState State, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> Earlier)?> LoadAsync(Checkpoint checkpoint)
    {
        try
        {
            return ModelFiles.ReadCheckpoint(await services.Checkpoints.LoadAsync(KeyOf(checkpoint)), run.Learner);
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            LogLost(services.Log, run.RunKey, checkpoint.Round, exception);
            journal.DropCheckpoints();
            return null;
        }
    }

    private async Task WriteAsync(ServerState state, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> earlier, double? metric)
    {
        var start = services.Time.GetTimestamp();
        var (last, best) = (journal.Last, journal.Best);
        var next = last?.Round == journal.RoundsDone ? last : await StoreAsync(state, earlier, journal.RoundsDone, journal.LastCommitted(journal.RoundsDone)!.Round);
        journal.Keep(next, metric is null ? best : next with { Metric = metric }, services.Time.GetElapsedTime(start).TotalSeconds);
        await journal.SaveAsync();
        _policy.Kept(start);
        foreach (var old in new[] { last, best }.OfType<Checkpoint>().Distinct().Where(old => old.Round != journal.Last?.Round && old.Round != journal.Best?.Round))
        {
            await services.Checkpoints.DeleteAsync(KeyOf(old));
        }
    }

    private async Task<Checkpoint> StoreAsync(ServerState state, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> earlier, int round, int committed)
    {
        var file = await Task.Run(() => ModelFiles.WriteCheckpoint(state, earlier));
        var checkpoint = new Checkpoint(round, committed, Safetensors.Sha256(file));
        await services.Checkpoints.SaveAsync(KeyOf(checkpoint), file);
        return checkpoint;
    }

    // A run of an older program published versions on its way; it goes on from the last of them, and its best one stays its best.
    private async Task AdoptVersionsAsync()
    {
        var versions = await services.Publisher.FindOfRunAsync(run);
        if (versions.IsEmpty)
        {
            return;
        }

        var scores = journal.Evaluations.Where(evaluation => evaluation.OnValidation && evaluation.Metrics.ContainsKey(Promotion.Metric))
            .ToDictionary(evaluation => evaluation.Round, evaluation => evaluation.Metrics[Promotion.Metric]);
        var best = run.Request.Patience > 0 ? versions.Where(version => scores.ContainsKey(version.Round)).MaxBy(version => scores[version.Round]) : null;
        foreach (var version in versions.Where(version => version == best || version == versions[^1]))
        {
            var state = await services.Publisher.LoadStateAsync(version);
            var checkpoint = await StoreAsync(state with { Phase = run.Learner.PhaseOf(state.Parameters.Span) }, ImmutableSortedDictionary<int, ReadOnlyMemory<float>>.Empty, version.Round, version.Round);
            journal.Keep(checkpoint, version == best ? checkpoint with { Metric = scores[version.Round] } : journal.Best, seconds: 0);
        }

        journal.Rewind(Round);
        await journal.SaveAsync();
    }

    private CheckpointKey KeyOf(Checkpoint checkpoint) =>
        new(run.Request.Federation, GrainKeys.RunId(run.RunKey), checkpoint.Round, checkpoint.Sha256);

    [LoggerMessage(LogLevel.Error, "Run {Run}: its checkpoint of round {Round} is lost; it is repeated from its beginning")]
    private static partial void LogLost(ILogger log, string run, int round, Exception exception);
}
