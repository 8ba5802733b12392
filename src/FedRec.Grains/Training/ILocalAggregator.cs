using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
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

    /// <summary>Has the silo train clients of a simulation, as if each had been asked.</summary>
    /// <exception cref="ArgumentException">The run cannot be used on this silo.</exception>
    [Alias("train-batch")]
    Task TrainAsync(TrainOrder order, ClientBatch batch);

    /// <summary>Has clients that the silo was asked for take a step of secure aggregation; their answers go to the round.</summary>
    /// <returns>False when the silo knows nothing of the round, or of this try of it.</returns>
    [Alias("secure")]
    Task<bool> SecureAsync(SecureCall call);

    /// <summary>Has the silo evaluate clients of a simulation, as if each had been asked.</summary>
    /// <exception cref="ArgumentException">The run cannot be used on this silo.</exception>
    [Alias("evaluate")]
    Task EvaluateAsync(EvaluateOrder order, ClientBatch batch);

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
    Task<string?> FindMissingAsync(RunRequest request, RunSource source);

    /// <summary>The run has ended.</summary>
    [Alias("release")]
    Task ReleaseAsync(string runKey);
}

/// <summary>Clients of a simulation that a silo is asked for at once.</summary>
/// <param name="Clients">Their numbers.</param>
[GenerateSerializer, Immutable, Alias("fedrec.client-batch")]
internal sealed record ClientBatch([property: Id(0)] ImmutableArray<int> Clients);

/// <summary>What clients of a silo are told in a step of secure aggregation.</summary>
/// <param name="RunKey">Key of the run.</param>
/// <param name="Round">The round.</param>
/// <param name="Step">The step.</param>
/// <param name="Session">Hash of all that is agreed on.</param>
/// <param name="Messages">For each of the clients.</param>
/// <param name="Description">All that is agreed on, in the first step; otherwise empty.</param>
[GenerateSerializer, Immutable, Alias("fedrec.secure-call")]
internal sealed record SecureCall(
    [property: Id(0)] string RunKey,
    [property: Id(1)] int Round,
    [property: Id(2)] SecureStep Step,
    [property: Id(3)] ReadOnlyMemory<byte> Session,
    [property: Id(4)] ImmutableArray<SecureMessage> Messages,
    [property: Id(5)] ReadOnlyMemory<byte> Description);

/// <summary>Reaches the local aggregator of a given silo.</summary>
internal sealed class LocalAggregators(IServiceProvider services) : GrainServiceClient<ILocalAggregator>(services)
{
    public ILocalAggregator On(SiloAddress silo) => GetGrainService(silo);
}
