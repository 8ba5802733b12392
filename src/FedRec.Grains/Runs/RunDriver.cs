using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Native;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Drives a run from its last checkpoint to its end: round, server step, checkpoint, evaluation; and at the end, its version.</summary>
/// <remarks>Runs beside the run grain's other calls, on its scheduler. What lies between two checkpoints is repeated
/// identically after a crash, because every draw depends on (seed, round, client) alone.</remarks>
internal sealed class RunDriver(RunContext run, RunJournal journal, RunServices services, IGrainFactory grains, Func<bool> stopRequested)
{
    private const int MaxAbandonedInARow = 3;
    private readonly RoundCaller _caller = new(grains, services.Blocks, journal, services.Time, services.Log);
    private readonly ModelInTraining _model = new(run, services);
    private readonly RunCheckpoints _checkpoints = new(run, journal, services);
    private readonly RunPublication _publication = new(run, journal, services);
    private readonly RunEvaluations _evaluations = new(run, journal, services.Evaluator);
    private readonly AsynchronousCohorts _cohorts = new(run, journal);
    private readonly RestingClients _resting = new(run);
    private readonly RoundOrders _orders = new(run, journal, services.Training.Value);
    private readonly RunPrivacy? _privacy = run.Request.Privacy is { } settings ? new(run, settings, grains.GetGrain<IPrivacyLedgerGrain>(GrainKeys.Federation(run.RunKey))) : null;
    private readonly GossipRounds? _gossip = run.Request.Rounds.Mode == RoundSettings.Gossip ? new(run, services) : null;
    private readonly StoppingRules _rules = new(run.Request);
    private readonly string _requestHash = RunRequests.Hash(run.Request, run.Source);
    private readonly HashSet<SiloAddress> _preparedSilos = [];
    private Task _committed = Task.CompletedTask; // the last round is told of its step while the next one is planned

    private long SumBytes => sizeof(long) * (long)_model.Recipe.Update.Length;

    /// <summary>The parameters that clients may need.</summary>
    public OfferedParameters Offered => _model.Offered;

    /// <summary>Drives the run to its end and records how it ended. Only a run that ends well, with a round that was committed, changes what is served.</summary>
    /// <param name="stopping">The silo or the activation stops: the run stays unfinished and is taken up again.</param>
    /// <exception cref="OperationCanceledException">The silo or the activation stops.</exception>
    /// <exception cref="Exception">Storage or network failed: the run stays unfinished and is taken up again.</exception>
    public async Task DriveAsync(CancellationToken stopping)
    {
        var ending = await RunAsync(stopping);
        await journal.EndAsync(ending, services.Time.GetUtcNow());
    }

    private async Task<RunEnding> RunAsync(CancellationToken stopping)
    {
        try
        {
            await PrepareSilosAsync(stopping); // first: they forget the rounds of an earlier attempt
            await RestoreAsync();
            journal.Started($"{run.Learner.Name} on {run.Data.Name}, round {journal.RoundsDone + 1} of {run.Request.Rounds.Count}");
            var ending = await TrainAsync(stopping);
            await _committed;
            if (ending.Phase != RunPhase.Failed)
            {
                await ConcludeAsync(stopping);
            }

            return ending;
        }
        catch (ArithmeticException exception) // numbers that are not finite, or so large that nothing can be solved with them
        {
            return Divergence.Ending(run, journal.RoundsDone, exception);
        }
    }

    private async Task RestoreAsync()
    {
        var (state, earlier) = await _checkpoints.RestoreAsync();
        _rules.Recall(journal.Status);
        await (_privacy?.RestoreAsync() ?? Task.CompletedTask);
        await _model.RestoreAsync(state, journal.RoundsDone, earlier);
        _cohorts.Restore(_model.Recipe);
        await _model.WarmUpAsync();
    }

    private async Task<RunEnding> TrainAsync(CancellationToken stopping)
    {
        var abandoned = 0;
        while (true)
        {
            if (_evaluations.IsDue(journal.RoundsDone))
            {
                await EvaluateAsync(stopping);
            }

            if (journal.RoundsDone > 0 && run.Request.WarmStart == 0 && run.Learner.IsComplete(_model.State.Phase))
            {
                return new RunEnding(RunPhase.Completed, RunStopReason.Complete, $"everything is counted after round {journal.RoundsDone}{ChosenOptions.Words(run, _model.State.Parameters.Span)}");
            }

            if (_rules.EndingAfter(journal.RoundsDone) is { } ending)
            {
                return journal.LastRound is { } last && Divergence.Explains(last) ? Divergence.Ending(run, last)
                    : journal.RoundsDone > 0 && journal.LastCommitted(journal.RoundsDone) is null
                    ? new RunEnding(RunPhase.Failed, RunStopReason.Quorum, $"no round was committed; the last: {journal.LastRound!.Reason}")
                    : ending;
            }

            if (stopRequested())
            {
                return new RunEnding(RunPhase.Stopped, RunStopReason.Requested, $"stopped on request after round {journal.RoundsDone}");
            }

            if (_privacy?.Spent(_model.Recipe) is { } spent)
            {
                return new RunEnding(journal.LastCommitted(journal.RoundsDone) is null ? RunPhase.Failed : RunPhase.Stopped, RunStopReason.PrivacySpent, spent);
            }

            var record = _gossip is null ? await TrainRoundAsync(journal.RoundsDone + 1, stopping) : await GossipAsync(_gossip, journal.RoundsDone + 1, stopping);
            _rules.Observe(record);
            if (Divergence.IsOfModel(record))
            {
                return Divergence.Ending(run, record);
            }

            abandoned = record.Phase == nameof(RoundPhase.Abandoned) ? abandoned + 1 : 0;
            if (abandoned == (run.Recommended.Step == StepRule.Sum ? 1 : MaxAbandonedInARow)) // statistics without a round would be wrong
            {
                return Divergence.Explains(record)
                    ? Divergence.Ending(run, record)
                    : new RunEnding(RunPhase.Failed, RunStopReason.Quorum, $"quorum not met in {abandoned} rounds in a row; the last: {record.Reason}");
            }
        }
    }

    // The final checkpoint first: whatever happens from here on, the same version is published, and once.
    private async Task ConcludeAsync(CancellationToken stopping)
    {
        if (journal.LastCommitted(journal.RoundsDone) is null)
        {
            return; // stopped, or its target reached, before a round was committed: there is nothing to publish
        }

        await _checkpoints.SaveAsync(_model.State, Earlier);
        if (_evaluations.HoldsOut)
        {
            await EvaluateAsync(stopping); // by this runs are compared that must not look at test interactions
        }

        var chosen = _checkpoints.Chosen!;
        var model = chosen.Round == journal.RoundsDone ? _model.Prepared : await RecallAsync(chosen);
        await DeriveAsync(model);
        await _evaluations.EvaluateAtEndAsync(new ModelReference(run.RunKey, chosen.Round, 0), chosen.Round, stopping);
        await _publication.PublishAsync(chosen, model, _privacy is null ? null : await _privacy.StatementAsync(model.Parameters));
    }

    private async Task<PreparedModel> RecallAsync(Checkpoint chosen)
    {
        var state = await _checkpoints.FindAsync(chosen) ?? throw new IOException($"The checkpoint of round {chosen.Round} is lost."); // the next attempt begins anew
        return await _model.OfferAsync(chosen.Round, state);
    }

    private async Task EvaluateAsync(CancellationToken stopping)
    {
        await DeriveAsync(_model.Prepared);
        if (await _evaluations.EvaluateOnceAsync(stopping) is { } evaluation)
        {
            _rules.Observe(evaluation);
            await _checkpoints.ObserveAsync(evaluation, _model.State, Earlier);
        }
    }

    // Before clients are asked to score, so that none of them waits, and it can be watched.
    private async Task DeriveAsync(PreparedModel model)
    {
        if (model.Derived is { IsReady: false } weights)
        {
            if (weights.Work is { } work)
            {
                journal.Working(work);
            }

            await weights.DeriveAsync();
        }
    }

    private async Task<RoundRecord> TrainRoundAsync(int round, CancellationToken stopping)
    {
        await PrepareSilosAsync(stopping); // one may have joined
        LargeMemory.MakeRoom(SumBytes); // of what the round before has left
        var start = services.Time.GetTimestamp();
        var plan = run.Algorithm.Plan(_model.State, round, _checkpoints.Round, Asked(round));
        var result = await _caller.CallAsync(_orders.Of(plan, _model.Recipe, _checkpoints.Round), () => _privacy?.OpenAsync(round, _model.Recipe) ?? Task.FromResult<string?>(null), stopping);
        var sent = _model.Offered.TakeSent();
        var record = _cohorts.Closed(result) with { Resting = _resting.In(_model.Recipe, round).Count, ModelBytes = sent.Bytes, Resyncs = sent.Resyncs };
        _resting.Observe(result);
        _model.Forget(_cohorts.InTraining.Append(round).Min() - 1); // who is late with the round trains from what it began with
        if (result.Sum is { } counted && _privacy is not null && await _privacy.ChargeAsync(round, _model.Recipe, _model.Closed(counted)) is { } refusal)
        {
            record = record with { Phase = nameof(RoundPhase.Abandoned), Reason = refusal };
        }
        else if (result.Sum is { } sum)
        {
            LargeMemory.MakeRoom(SumBytes); // of the round's own copy, and of the model before the one it began with
            var (norm, fault) = await _model.StepAsync(sum, round, stopping);
            record = fault is null
                ? record with { Phase = nameof(RoundPhase.Committed), StepNorm = norm, Missing = MissingIn(plan, sum) }
                : record with { Phase = nameof(RoundPhase.Abandoned), Fault = fault, Reason = "the model that it led to is not finite" };
        }

        await _model.OfferAsync(round);
        journal.RoundTrained(record, services.Time.GetElapsedTime(start).TotalSeconds);
        if (record.Phase == nameof(RoundPhase.Committed) && _checkpoints.IsDue(round))
        {
            await _checkpoints.SaveAsync(_model.State, Earlier);
        }

        await _committed;
        _committed = grains.GetGrain<IRoundGrain>(GrainKeys.Round(run.RunKey, round)).CommitAsync(version: 0, CancellationToken.None);
        journal.RoundDone(record);
        return record;
    }

    private async Task<RoundRecord> GossipAsync(GossipRounds gossip, int round, CancellationToken stopping)
    {
        var start = services.Time.GetTimestamp();
        journal.Progress("round.started", new RoundRecord { Round = round, Asked = run.TakingPart });
        var (record, average) = await gossip.NextAsync(round, stopping);
        record = record with { StepNorm = _model.Take(average) };
        await _model.OfferAsync(round);
        _model.Forget(round);
        journal.RoundTrained(record, services.Time.GetElapsedTime(start).TotalSeconds);
        if (record.Phase == nameof(RoundPhase.Committed) && _checkpoints.IsDue(round))
        {
            await _checkpoints.SaveAsync(_model.State, Earlier);
        }

        journal.RoundDone(record);
        return record;
    }

    // Empty where the cohort is drawn as ever.
    private ImmutableArray<AskedClient> Asked(int round) => run.Algorithm.IsAsynchronous(_model.Recipe)
        ? _cohorts.Next(_model.Recipe, round, _checkpoints.Round, _resting.In(_model.Recipe, round))
        : [.. _resting.Cohort(_model.Recipe, round, _checkpoints.Round)];

    // Models from which clients are training still, after the last round taken in.
    private ImmutableSortedDictionary<int, ReadOnlyMemory<float>> Earlier => _model.After(_cohorts.InTraining.Select(round => round - 1).Where(round => round < journal.RoundsDone));

    private Task PrepareSilosAsync(CancellationToken stopping) =>
        services.Silos.PrepareAsync(run.RunKey, _requestHash, _preparedSilos, journal.Loading, stopping);

    // Of use only to clients that keep something: they adopt it when the round has counted them.
    private ImmutableArray<int> MissingIn(RoundPlan plan, PartialSum sum) => run.KeepsState ? [.. plan.Cohort.Except(sum.Clients)] : [];
}
