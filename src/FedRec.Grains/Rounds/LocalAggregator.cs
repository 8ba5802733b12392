using FedRec.Contracts.Clients;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Models;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Rounds;

/// <summary>The grain service of one silo; reentrant, because all it does is pass the call on to thread-safe <see cref="LocalAggregation"/>.</summary>
[Reentrant]
internal sealed class LocalAggregator(
    GrainId id, Silo silo, ILoggerFactory loggers, LocalAggregation aggregation, LocalSecureSteps secure, LocalEvaluations evaluations, RunCache runs, ParameterCache parameters, FederationParts parts, TimeProvider time)
    : GrainService(id, silo, loggers), ILocalAggregator
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(10);

    public Task<bool> FlushAsync(string runKey, int round, bool evenIfBusy) => aggregation.FlushAsync(runKey, round, evenIfBusy);

    public async Task TrainAsync(TrainOrder order, ClientBatch batch)
    {
        var run = await runs.GetAsync(order.RunKey, CancellationToken.None);
        var model = await parameters.GetAsync(new ModelReference(order.RunKey, order.Round - 1, 0), run, CancellationToken.None);
        aggregation.EnqueueAll(order, run, model, batch.Clients, run.SimulatedFor("asking in batches").Partition);
    }

    public Task<bool> SecureAsync(SecureCall call) => Task.FromResult(secure.TakeStep(call));

    public async Task EvaluateAsync(EvaluateOrder order, ClientBatch batch)
    {
        var run = await runs.GetAsync(order.Model.RunKey, CancellationToken.None);
        var model = await parameters.GetToScoreAsync(order.Model, run, CancellationToken.None);
        await evaluations.AddAllAsync(order, run, model, batch.Clients, run.SimulatedFor("evaluating in batches"));
    }

    public Task<Immutable<byte[]>?> TakeEvaluationAsync(Guid evaluation) =>
        Task.FromResult(evaluations.Take(evaluation) is { } sums ? sums.AsImmutable() : default(Immutable<byte[]>?));

    public Task ForgetEvaluationAsync(Guid evaluation)
    {
        evaluations.Forget(evaluation);
        return Task.CompletedTask;
    }

    public Task ForgetAsync(string runKey, int round)
    {
        aggregation.Forget(runKey, round);
        return Task.CompletedTask;
    }

    public async Task<bool> PrepareAsync(string runKey, string requestHash)
    {
        parameters.ForgetRounds(runKey); // they are from before the run was interrupted
        aggregation.ForgetRun(runKey); // another model may stand where one was that its clients train from

        var preparing = runs.PrepareAsync(runKey, requestHash);
        await Task.WhenAny(preparing, Task.Delay(s_wait, time));
        if (!preparing.IsCompleted)
        {
            return false;
        }

        await preparing;
        return true;
    }

    public Task<string?> FindMissingAsync(RunRequest request, RunSource source)
    {
        try
        {
            parts.Learner(request.Learner).ThrowUnlessUsableHere();
            _ = (parts.Aggregator(request.Rounds.Aggregator, request.Rounds.Trim), parts.Steps(request.Rounds.Steps));
            _ = source.Simulated is { Path: null } or { Scenario: not null } ? Scenario.Find(source.Simulated.Scenario, parts.Scenarios) : null;
            return Task.FromResult<string?>(null);
        }
        catch (ArgumentException exception)
        {
            return Task.FromResult<string?>(RunRequests.Refusal(exception).Message);
        }
    }

    public Task ReleaseAsync(string runKey)
    {
        aggregation.ForgetRun(runKey);
        runs.Release(runKey);
        parameters.ForgetRounds(runKey);
        return Task.CompletedTask;
    }
}
