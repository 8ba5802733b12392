using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Models;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Drives a run from its last published version to its end: round, server step, publication, evaluation.</summary>
/// <remarks>Runs beside the run grain's other calls, on its scheduler. What lies between two published versions is repeated
/// identically after a crash, because every draw depends on (seed, round, client) alone.</remarks>
internal sealed class RunDriver(RunContext run, RunJournal journal, RunServices services, IGrainFactory grains, Func<bool> stopRequested)
{
    private const int MaxAbandonedInARow = 3;
    private readonly RoundCaller _caller = new(grains, services.Blocks, journal, services.Time, services.Log);
    private readonly RunVersions _versions = new(run, journal, services, grains);
    private readonly StoppingRules _rules = new(run.Request);
    private readonly Dictionary<int, ReadOnlyMemory<float>> _parameters = [];
    private PreparedModel? _prepared;
    private ServerState _state = ServerState.Initial(ReadOnlyMemory<float>.Empty);

    private RoundSettings Settings => run.Request.Rounds;

    /// <summary>Parameters after a round, as long as clients may need them; null otherwise.</summary>
    public ReadOnlyMemory<float>? ParametersAfter(int round) => _parameters.TryGetValue(round, out var values) ? values : null;

    /// <summary>Drives the run to its end and records how it ended.</summary>
    /// <param name="stopping">The silo or the activation stops: the run stays unfinished and is taken up again.</param>
    /// <exception cref="OperationCanceledException">The silo or the activation stops.</exception>
    /// <exception cref="Exception">Storage or network failed: the run stays unfinished and is taken up again.</exception>
    public async Task DriveAsync(CancellationToken stopping)
    {
        await RestoreAsync();
        journal.Started($"{run.Learner.Name} on {run.Dataset.Name}, round {journal.RoundsDone + 1} of {Settings.Count}");
        var ending = await TrainAsync(stopping);
        if (HoldsOut && ending.Phase != RunPhase.Failed)
        {
            await EvaluateOnceAsync(stopping); // by this runs are compared that must not look at test interactions
        }

        var (model, round) = await _versions.ConcludeAsync(_state, _prepared!, _rules.BestRound);
        if (ending.Phase != RunPhase.Failed)
        {
            await EvaluateAsync(model, round, onValidation: false, stopping);
        }

        journal.End(ending, services.Time.GetUtcNow());
        await journal.SaveAsync();
    }

    private bool HoldsOut => run.Request.Data.HoldOutValidation;

    private async Task RestoreAsync()
    {
        _state = await _versions.RestoreAsync();
        foreach (var evaluation in journal.Evaluations)
        {
            _rules.Observe(evaluation);
        }

        foreach (var record in journal.Status.Rounds)
        {
            _rules.Observe(record);
        }

        await OfferAsync(journal.RoundsDone);
        if (_versions.Round > 0 && _rules.BestRound == _versions.Round)
        {
            await _versions.KeepAsync(_state, _prepared!); // the crash may have come between the version and its use
        }

        await services.Pools.Training.RunAsync(slot => run.WarmUp(slot) is { } sum ? Step(sum, round: 1) : null); // for nothing: no deadline runs while code is compiled
    }

    private async Task<RunEnding> TrainAsync(CancellationToken stopping)
    {
        var abandoned = 0;
        while (true)
        {
            if (IsEvaluationDue(journal.RoundsDone))
            {
                await EvaluateOnceAsync(stopping);
            }

            if (_rules.Ending is { } enough)
            {
                return enough;
            }

            if (journal.RoundsDone >= Settings.Count)
            {
                return new RunEnding(RunPhase.Completed, RunStopReason.Rounds, Settings.Count == 1 ? "the only round is done" : $"all {Settings.Count} rounds done");
            }

            if (stopRequested())
            {
                return new RunEnding(RunPhase.Stopped, RunStopReason.Requested, $"stopped on request after round {journal.RoundsDone}");
            }

            var record = await TrainRoundAsync(journal.RoundsDone + 1, stopping);
            _rules.Observe(record);
            abandoned = record.Phase == nameof(RoundPhase.Abandoned) ? abandoned + 1 : 0;
            if (abandoned == (RunRequests.IsOneShot(run.Request) ? 1 : MaxAbandonedInARow)) // statistics without a round would be wrong
            {
                return new RunEnding(RunPhase.Failed, RunStopReason.Quorum, $"quorum not met in {abandoned} rounds in a row; the last: {record.Reason}");
            }
        }
    }

    // Round 0 is where the curves begin: the untrained model. After the last round the model is evaluated anyway.
    private bool IsEvaluationDue(int round) =>
        round == 0 || (run.Request.EvaluateEvery > 0 && round % run.Request.EvaluateEvery == 0 && round < Settings.Count);

    private async Task<RoundRecord> TrainRoundAsync(int round, CancellationToken stopping)
    {
        var start = services.Time.GetTimestamp();
        var result = await _caller.CallAsync(ToOrder(round), stopping);
        var record = result.Record;
        if (result.Sum is { } sum)
        {
            var next = await Task.Run(() => Step(RoundMessages.ToSum(sum), round));
            record = record with { Phase = nameof(RoundPhase.Committed), StepNorm = Distance(_state.Parameters.Span, next.Parameters.Span) };
            _state = next;
        }

        await OfferAsync(round);
        var seconds = services.Time.GetElapsedTime(start).TotalSeconds;
        journal.RoundTrained(record, seconds);
        if (result.Sum is not null && _versions.IsDue(round))
        {
            record = record with { Version = await _versions.PublishAsync(_state, _prepared!) };
        }

        await grains.GetGrain<IRoundGrain>(GrainKeys.Round(run.RunKey, round)).CommitAsync(record.Version, CancellationToken.None);
        journal.RoundDone(record);
        return record;
    }

    private bool Prepares => run.Learner.Prepares(_state.Parameters.Span);

    private RoundOrder ToOrder(int round) => new()
    {
        RunKey = run.RunKey,
        Round = round,
        BaseVersion = _versions.Version,
        Clients = run.Partition.Count,
        Seed = run.Request.Seed,
        Settings = Prepares ? Settings with { CohortSize = 0, ReportGoal = 0 } : Settings,
        ContributionLength = run.Learner.Contribution.Length,
        ParameterBytes = sizeof(float) * (long)run.Learner.Download,
        Durable = _versions.Round == round - 1,
    };

    private ServerState Step(ContributionSum sum, int round)
    {
        var delta = new float[run.Learner.Parameters.Length];
        run.Learner.Aggregate(_state.Parameters.Span, sum, delta);
        return ServerStep.Take(run.Learner, ServerOptimizers.Create(run.Request.ServerOptimizer, round, Settings.Count), _state, delta);
    }

    // Makes the parameters after a round available to the clients of the next one.
    private async Task OfferAsync(int round)
    {
        var parameters = _state.Parameters;
        _parameters[round] = parameters;
        _parameters.Remove(round - 2);
        _prepared = await Task.Run(() => run.Learner.Prepare(parameters));
        services.Parameters.Put(new ModelReference(run.RunKey, round, 0), _prepared);
    }

    // After a crash an evaluation is repeated only if it was lost: taken in twice, it would count twice towards a plateau.
    private async Task EvaluateOnceAsync(CancellationToken stopping)
    {
        var round = journal.RoundsDone;
        if (journal.Evaluations.Any(evaluation => evaluation.Round == round && evaluation.OnValidation == HoldsOut))
        {
            return;
        }

        await EvaluateAsync(new ModelReference(run.RunKey, round, 0), round, HoldsOut, stopping);
        if (round > 0 && _rules.BestRound == round)
        {
            await _versions.KeepAsync(_state, _prepared!);
        }
    }

    private async Task EvaluateAsync(ModelReference model, int round, bool onValidation, CancellationToken stopping)
    {
        var evaluation = await services.Evaluator.EvaluateAsync(run, model, FederatedEvaluator.DefaultCutoffs, onValidation) with { Round = round };
        stopping.ThrowIfCancellationRequested(); // clients of a stopping silo may be missing in it
        journal.Evaluated(evaluation);
        _rules.Observe(evaluation);
    }

    private static double Distance(ReadOnlySpan<float> one, ReadOnlySpan<float> other) =>
        System.Numerics.Tensors.TensorPrimitives.Distance(one, other);
}
