using FedRec.Contracts.Clients;
using FedRec.Grains.Training;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Clients;

/// <summary>What all client grains of a silo share.</summary>
internal sealed class ClientServices : IDisposable
{
    public ClientServices(RunContexts runs, ParameterCache parameters, LocalAggregation aggregation, ILocalSiloDetails silo, IOptions<TrainingOptions> options)
    {
        (Runs, Parameters, Aggregation) = (runs, parameters, aggregation);
        Scoring = new WorkerPool("scoring", options.Value.ScoringParallelism);
        Training = new TrainReceipt(Participation.Training, silo.SiloAddress);
        Dropped = new TrainReceipt(Participation.Dropped, silo.SiloAddress);
        Straggling = new TrainReceipt(Participation.Straggling, silo.SiloAddress);
    }

    public RunContexts Runs { get; }

    public ParameterCache Parameters { get; }

    public LocalAggregation Aggregation { get; }

    /// <summary>Scores apart from training, so that serving does not wait behind a cohort.</summary>
    public WorkerPool Scoring { get; }

    // One receipt of each kind per silo: immutable, hence never copied.
    public TrainReceipt Training { get; }

    public TrainReceipt Dropped { get; }

    public TrainReceipt Straggling { get; }

    public void Dispose() => Scoring.Dispose();
}
