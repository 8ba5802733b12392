using FedRec.Grains.Evaluations;
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

    /// <summary>The round has closed.</summary>
    Task ForgetAsync(string runKey, int round);
}

/// <summary>The grain service of one silo; reentrant, because all it does is pass the call on to thread-safe <see cref="LocalAggregation"/>.</summary>
[Reentrant]
internal sealed class LocalAggregator(GrainId id, Silo silo, Microsoft.Extensions.Logging.ILoggerFactory loggers, LocalAggregation aggregation, LocalEvaluations evaluations)
    : GrainService(id, silo, loggers), ILocalAggregator
{
    public Task<bool> FlushAsync(string runKey, int round, bool evenIfBusy) => aggregation.FlushAsync(runKey, round, evenIfBusy);

    public Task<Immutable<byte[]>?> TakeEvaluationAsync(Guid evaluation) =>
        Task.FromResult(evaluations.Take(evaluation) is { } sums ? sums.AsImmutable() : default(Immutable<byte[]>?));

    public Task ForgetAsync(string runKey, int round)
    {
        aggregation.Forget(runKey, round);
        return Task.CompletedTask;
    }
}

/// <summary>Reaches the local aggregator of a given silo.</summary>
internal sealed class LocalAggregators(IServiceProvider services) : GrainServiceClient<ILocalAggregator>(services)
{
    public ILocalAggregator On(SiloAddress silo) => GetGrainService(silo);
}
