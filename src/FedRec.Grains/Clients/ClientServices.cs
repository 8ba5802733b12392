using FedRec.Contracts.Clients;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

/// <summary>What all client grains of a silo share.</summary>
internal sealed record ClientServices(
    RunContexts Runs,
    ParameterCache Parameters,
    LocalAggregation Aggregation,
    LocalEvaluations Evaluations,
    WorkerPools Pools,
    ILocalSiloDetails Silo)
{
    // One receipt of each kind per silo: immutable, hence never copied.
    public TrainReceipt Training { get; } = new(Participation.Training, Silo.SiloAddress);

    public TrainReceipt Dropped { get; } = new(Participation.Dropped, Silo.SiloAddress);

    public TrainReceipt Straggling { get; } = new(Participation.Straggling, Silo.SiloAddress);
}
