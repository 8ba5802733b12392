using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Drives a run from its last published version to its end: round, server step, publication, evaluation.</summary>
/// <remarks>Runs beside the run grain's other calls, on its scheduler. What lies between two published versions is repeated
/// identically after a crash, because every draw depends on (seed, round, client) alone.</remarks>
internal sealed class RunDriver(RunContext run, RunJournal journal, RunServices services, IGrainFactory grains, Func<bool> stopRequested)
{
    private const int MaxAbandonedInARow = 3;
    private readonly RoundCaller _caller = new(grains, services.Blocks, journal, services.Time, services.Log);
    private readonly ModelInTraining _model = new(run, services);
    private readonly RunVersions _versions = new(run, journal, services, grains);
    private readonly RunEvaluations _evaluations = new(run, journal, services.Evaluator);
    private readonly StoppingRules _rules = new(run.Request);
    private readonly string _requestHash = RunRequests.Hash(run.Request);
    private readonly HashSet<SiloAddress> _preparedSilos = [];

    private RoundSettings Settings => run.Request.Rounds;

    /// <summary>Parameters after a round, as long as clients may need them; null otherwise.</summary>
    public ReadOnlyMemory<float>? ParametersAfter(int round) => _model.ParametersAfter(round);

    /// <summary>Drives the run to its end and records how it ended.</summary>
    /// <param name="stopping">The silo or the activation stops: the run stays unfinished and is taken up again.</param>
    /// <exception cref="OperationCanceledException">The silo or the activation stops.</exception>
    /// <exception cref="Exception">Storage or network failed: the run stays unfinished and is taken up again.</exception>
    public async Task DriveAsync(CancellationToken stopping)
    {
        await PrepareSilosAsync(stopping); // first: they forget the rounds of an earlier attempt
        await RestoreAsync();
        journal.Started($"{run.Learner.Name} on {run.Dataset.Name}, round {journal.RoundsDone + 1} of {Settings.Count}");
        var ending = await TrainAsync(stopping);
        if (_evaluations.HoldsOut && ending.Phase != RunPhase.Failed)
        {
            await EvaluateAsync(stopping); // by this runs are compared that must not look at test interactions
        }

        var (model, round) = await _versions.ConcludeAsync(_model.State, _model.Prepared, _rules.BestRound);
        if (ending.Phase != RunPhase.Failed)
        {
            await _evaluations.EvaluateAtEndAsync(model, round, stopping);
        }

        journal.End(ending, services.Time.GetUtcNow());
        await journal.SaveAsync();
    }

    private async Task RestoreAsync()
    {
        var state = await _versions.RestoreAsync();
        _rules.Recall(journal.Status);
        await _model.RestoreAsync(state, journal.RoundsDone);
        if (_versions.Round > 0 && _rules.BestRound == _versions.Round)
        {
            await _versions.KeepAsync(_model.State, _model.Prepared); // the crash may have come between the version and its use
        }

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

            if (_rules.EndingAfter(journal.RoundsDone) is { } ending)
            {
                return ending;
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

    private async Task EvaluateAsync(CancellationToken stopping)
    {
        if (await _evaluations.EvaluateOnceAsync(stopping) is not { } evaluation)
        {
            return;
        }

        _rules.Observe(evaluation);
        if (evaluation.Round > 0 && _rules.BestRound == evaluation.Round)
        {
            await _versions.KeepAsync(_model.State, _model.Prepared);
        }
    }

    private async Task<RoundRecord> TrainRoundAsync(int round, CancellationToken stopping)
    {
        await PrepareSilosAsync(stopping); // one may have joined
        var start = services.Time.GetTimestamp();
        var result = await _caller.CallAsync(ToOrder(round), stopping);
        var record = result.Record;
        if (result.Sum is { } sum)
        {
            record = record with { Phase = nameof(RoundPhase.Committed), StepNorm = await _model.StepAsync(sum, round) };
        }

        await _model.OfferAsync(round);
        var seconds = services.Time.GetElapsedTime(start).TotalSeconds;
        journal.RoundTrained(record, seconds);
        if (result.Sum is not null && _versions.IsDue(round))
        {
            record = record with { Version = await _versions.PublishAsync(_model.State, _model.Prepared) };
        }

        await grains.GetGrain<IRoundGrain>(GrainKeys.Round(run.RunKey, round)).CommitAsync(record.Version, CancellationToken.None);
        journal.RoundDone(record);
        return record;
    }

    private Task PrepareSilosAsync(CancellationToken stopping) =>
        services.Silos.PrepareAsync(run.RunKey, _requestHash, _preparedSilos, journal.Loading, stopping);

    private RoundOrder ToOrder(int round) => new()
    {
        RunKey = run.RunKey,
        Round = round,
        BaseVersion = _versions.Version,
        Clients = run.Partition.Count,
        Seed = run.Request.Seed,
        Settings = _model.Prepares ? Settings with { CohortSize = 0, ReportGoal = 0 } : Settings,
        ContributionLength = run.Learner.Contribution.Length,
        ParameterBytes = sizeof(float) * (long)run.Learner.Download,
        Durable = _versions.Round == round - 1,
    };
}
