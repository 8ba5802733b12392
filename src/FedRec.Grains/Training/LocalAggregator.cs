using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Runs;
using Orleans.Concurrency;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace FedRec.Grains.Training;

/// <summary>Lets a round speak to the local aggregation of each silo.</summary>
internal interface ILocalAggregator : IGrainService
{
    /// <summary>All clients have been asked: send what is summed when idle, or at once.</summary>
    /// <returns>False when the silo knows nothing of the round.</returns>
    Task<bool> FlushAsync(string runKey, int round, bool evenIfBusy);

    /// <summary>Hands over, and forgets, what the silo's clients have summed for an evaluation; null when it knows nothing of it.</summary>
    Task<Immutable<byte[]>?> TakeEvaluationAsync(Guid evaluation);

    /// <summary>The evaluation was given up.</summary>
    Task ForgetEvaluationAsync(Guid evaluation);

    /// <summary>The round has closed.</summary>
    Task ForgetAsync(string runKey, int round);

    /// <summary>Has the silo read a run's data and keep it until the run is released.</summary>
    /// <returns>False when it is still reading: to be asked again.</returns>
    /// <exception cref="ArgumentException">The run cannot be used on this silo.</exception>
    [Alias("prepare")]
    Task<bool> PrepareAsync(string runKey, string requestHash);

    /// <summary>What a request names and the silo has not, in words; null when it has all.</summary>
    [Alias("find-missing")]
    Task<string?> FindMissingAsync(RunRequest request);

    /// <summary>The run has ended.</summary>
    [Alias("release")]
    Task ReleaseAsync(string runKey);
}

/// <summary>The grain service of one silo; reentrant, because all it does is pass the call on to thread-safe <see cref="LocalAggregation"/>.</summary>
[Reentrant]
internal sealed class LocalAggregator(
    GrainId id, Silo silo, ILoggerFactory loggers, LocalAggregation aggregation, LocalEvaluations evaluations, RunCache runs, ParameterCache parameters, FederationParts parts, TimeProvider time)
    : GrainService(id, silo, loggers), ILocalAggregator
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(10);

    public Task<bool> FlushAsync(string runKey, int round, bool evenIfBusy) => aggregation.FlushAsync(runKey, round, evenIfBusy);

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
        var preparing = runs.PrepareAsync(runKey, requestHash);
        await Task.WhenAny(preparing, Task.Delay(s_wait, time));
        if (!preparing.IsCompleted)
        {
            return false;
        }

        await preparing;
        return true;
    }

    public Task<string?> FindMissingAsync(RunRequest request)
    {
        try
        {
            _ = (parts.Learner(request.Learner), parts.Aggregator(request.Rounds.Aggregator, request.Rounds.Trim), parts.Steps(request.Rounds.Steps));
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

/// <summary>Reaches the local aggregator of a given silo.</summary>
internal sealed class LocalAggregators(IServiceProvider services) : GrainServiceClient<ILocalAggregator>(services)
{
    public ILocalAggregator On(SiloAddress silo) => GetGrainService(silo);
}
