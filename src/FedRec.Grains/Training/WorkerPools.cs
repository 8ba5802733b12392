using Microsoft.Extensions.Options;

namespace FedRec.Grains.Training;

/// <summary>A silo's threads for CPU work: some to train and evaluate, others to serve, so that serving does not wait behind a cohort.</summary>
internal sealed class WorkerPools(IOptions<TrainingOptions> options) : IDisposable
{
    public WorkerPool Training { get; } = new("training", options.Value.Threads);

    public WorkerPool Scoring { get; } = new("scoring", options.Value.ScoringParallelism);

    public void Dispose()
    {
        Training.Dispose();
        Scoring.Dispose();
    }
}
