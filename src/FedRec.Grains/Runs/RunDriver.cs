using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
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
    private static readonly TimeSpan s_publishInterval = TimeSpan.FromSeconds(5);
    private readonly IServerOptimizer _optimizer = RunRequests.ToOptimizer(run.Request.ServerOptimizer);
    private readonly RoundCaller _caller = new(grains, journal, services.Time, services.Log);
    private readonly Dictionary<int, ReadOnlyMemory<float>> _parameters = [];
    private ServerState _state = ServerState.Initial(ReadOnlyMemory<float>.Empty);
    private EarlyStopping _stopping = new(run.Request.Patience);
    private long _publishedVersion;
    private int _publishedRound;
    private long _publishedAt = services.Time.GetTimestamp();

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
        if (journal.RoundsDone == 0)
        {
            await EvaluateAsync(run.Request.Data.HoldOutValidation, stopping); // where the curves begin: the untrained model
        }

        var reason = await TrainAsync(stopping);
        if (reason.Phase != RunPhase.Failed)
        {
            await EvaluateAsync(onValidation: false, stopping);
        }

        journal.End(reason.Phase, reason.Text, services.Time.GetUtcNow());
        await journal.SaveAsync();
    }

    private async Task RestoreAsync()
    {
        if (await services.Publisher.FindLastAsync(run) is var (manifest, state))
        {
            _state = state;
            (_publishedVersion, _publishedRound) = (manifest.Version, manifest.Round);
            journal.Rewind(manifest.Round, manifest.Version, manifest.Sha256);
        }
        else
        {
            _state = ServerState.Initial(await services.Publisher.LoadInitialAsync(run));
            _publishedVersion = run.Request.WarmStart; // the parent of the first version
            journal.Rewind(0, 0, "");
        }

        foreach (var evaluation in journal.Evaluations.Where(evaluation => evaluation.OnValidation))
        {
            _stopping = _stopping.Observe(evaluation.Round, evaluation.Metrics["ndcg@10"]);
        }

        await OfferAsync(journal.RoundsDone);
        await services.Pools.Training.RunAsync(slot => run.WarmUp(slot) is { } sum ? Step(sum) : null); // for nothing: no deadline runs while code is compiled
    }

    private async Task<(RunPhase Phase, string Text)> TrainAsync(CancellationToken stopping)
    {
        var abandoned = 0;
        for (var round = journal.RoundsDone + 1; round <= Settings.Count; round++)
        {
            if (stopRequested())
            {
                await PublishAsync();
                return (RunPhase.Stopped, $"stopped on request after round {journal.RoundsDone}");
            }

            var record = await TrainRoundAsync(round, stopping);
            abandoned = record.Phase == nameof(RoundPhase.Abandoned) ? abandoned + 1 : 0;
            if (abandoned == MaxAbandonedInARow)
            {
                await PublishAsync();
                return (RunPhase.Failed, $"quorum not met in {abandoned} rounds in a row; the last: {record.Reason}");
            }

            if (run.Request.EvaluateEvery > 0 && round % run.Request.EvaluateEvery == 0 && round < Settings.Count)
            {
                await EvaluateAsync(onValidation: run.Request.Data.HoldOutValidation, stopping);
            }

            if (_stopping.ShouldStop)
            {
                await PublishAsync();
                return (RunPhase.Completed, $"validation NDCG@10 has not risen since round {_stopping.BestRound} ({_stopping.Best:F4})");
            }
        }

        await PublishAsync();
        return (RunPhase.Completed, $"all {Settings.Count} rounds done");
    }

    private async Task<RoundRecord> TrainRoundAsync(int round, CancellationToken stopping)
    {
        var start = services.Time.GetTimestamp();
        var result = await _caller.CallAsync(ToOrder(round), stopping);
        var record = result.Record;
        if (result.Sum is { } sum)
        {
            var next = await Task.Run(() => Step(RoundMessages.ToSum(sum)));
            record = record with { Phase = nameof(RoundPhase.Committed), StepNorm = Distance(_state.Parameters.Span, next.Parameters.Span) };
            _state = next;
        }

        await OfferAsync(round);
        var seconds = services.Time.GetElapsedTime(start).TotalSeconds;
        journal.RoundTrained(record, seconds);
        if (result.Sum is not null && IsPublicationDue(round))
        {
            record = record with { Version = await PublishAsync(record) };
        }

        await grains.GetGrain<IRoundGrain>(GrainKeys.Round(run.RunKey, round)).CommitAsync(record.Version, CancellationToken.None);
        journal.RoundDone(record);
        return record;
    }

    private bool IsPublicationDue(int round) => Settings.PublishEvery > 0
        ? round % Settings.PublishEvery == 0
        : services.Time.GetElapsedTime(_publishedAt) >= s_publishInterval;

    private RoundOrder ToOrder(int round) => new()
    {
        RunKey = run.RunKey,
        Round = round,
        BaseVersion = _publishedVersion,
        Clients = run.Partition.Count,
        Seed = run.Request.Seed,
        Settings = Settings,
        ContributionLength = run.Learner.Contribution.Length,
        ParameterBytes = sizeof(float) * (long)run.Learner.Parameters.Length,
        Durable = _publishedRound == round - 1,
    };

    private ServerState Step(ContributionSum sum)
    {
        var delta = new float[run.Learner.Parameters.Length];
        run.Learner.Aggregate(_state.Parameters.Span, sum, delta);
        return _optimizer.Apply(_state, delta);
    }

    // Makes the parameters after a round available to the clients of the next one.
    private async Task OfferAsync(int round)
    {
        var parameters = _state.Parameters;
        _parameters[round] = parameters;
        _parameters.Remove(round - 2);
        var prepared = await Task.Run(() => run.Learner.Prepare(parameters));
        services.Parameters.Put(new ModelReference(run.RunKey, round, 0), prepared);
    }

    private async Task PublishAsync()
    {
        if (journal.RoundsDone > _publishedRound)
        {
            await PublishAsync(journal.Status.Rounds[^1]);
        }
    }

    private async Task<long> PublishAsync(RoundRecord record)
    {
        var start = services.Time.GetTimestamp();
        await journal.SaveAsync(); // first the rounds, then the version that holds them
        var manifest = await services.Publisher.PublishAsync(run, _state, record, _publishedVersion, journal.LastMetrics);
        (_publishedVersion, _publishedRound, _publishedAt) = (manifest.Version, record.Round, services.Time.GetTimestamp());
        journal.Published(manifest.Version, manifest.Sha256, record.Round, services.Time.GetElapsedTime(start).TotalSeconds);
        return manifest.Version;
    }

    private async Task EvaluateAsync(bool onValidation, CancellationToken stopping)
    {
        var reference = new ModelReference(run.RunKey, journal.RoundsDone, 0);
        var evaluation = await services.Evaluator.EvaluateAsync(run, reference, FederatedEvaluator.DefaultCutoffs, onValidation);
        stopping.ThrowIfCancellationRequested(); // clients of a stopping silo may be missing in it
        journal.Evaluated(evaluation with { Round = journal.RoundsDone });
        if (onValidation)
        {
            _stopping = _stopping.Observe(journal.RoundsDone, evaluation.Metrics["ndcg@10"]);
        }
    }

    private static double Distance(ReadOnlySpan<float> one, ReadOnlySpan<float> other) =>
        System.Numerics.Tensors.TensorPrimitives.Distance(one, other);
}
