using FedRec.Core.Snapshots;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Models;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.Hosting;

namespace FedRec.Grains.Runs;

/// <summary>What run grains share on a silo.</summary>
internal sealed record RunServices(
    RunContexts Contexts,
    ParameterCache Parameters,
    ModelPublisher Publisher,
    ICheckpointStore Checkpoints,
    FederatedEvaluator Evaluator,
    SumBlocks Blocks,
    SiloPreparation Silos,
    RunResumption Resumption,
    TimeProvider Time,
    WorkerPools Pools,
    IHostApplicationLifetime Lifetime,
    ILogger<RunDriver> Log);
