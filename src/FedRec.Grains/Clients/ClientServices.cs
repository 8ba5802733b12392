using FedRec.Contracts.Clients;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Histories;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Clients;

/// <summary>What all client grains of a silo share.</summary>
internal sealed record ClientServices(
    RunContexts Runs,
    ParameterCache Parameters,
    LocalAggregation Aggregation,
    LocalEvaluations Evaluations,
    HistoryReader Histories,
    UserKeys Keys,
    WorkerPools Pools,
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage Storage,
    ILocalSiloDetails Silo)
{
    /// <summary>One receipt for all clients of the silo: immutable, hence never copied.</summary>
    public TrainReceipt Receipt { get; } = new(Silo.SiloAddress);
}
