using System.ComponentModel.DataAnnotations;

namespace FedRec.Grains.Training;

/// <summary>How a silo trains and scores; section <c>FedRec:Training</c>.</summary>
public sealed class TrainingOptions
{
    /// <summary>Clients that train at the same time on one silo; 0 takes one per core. Default: 0.</summary>
    [Range(0, 1024)]
    public int Parallelism { get; set; }

    internal int Threads => Parallelism > 0 ? Parallelism : Environment.ProcessorCount;

    /// <summary>Requests that score at the same time on one silo, apart from training. Default: 1.</summary>
    [Range(1, 1024)]
    public int ScoringParallelism { get; set; } = 1;

    /// <summary>Whether the cohort of a simulation is asked by one call to each silo in place of a call to each client's grain, where clients keep nothing and nobody has recorded anything:
    /// the same model for less time. Otherwise, and wherever this is false, each client's grain is called. Default: true.</summary>
    public bool AskInBatches { get; set; } = true;

    /// <summary>Data sets, and runs, that a silo keeps in memory: those in training and in use, and of the others those used last. Default: 4.</summary>
    [Range(1, 1000)]
    public int CachedRuns { get; set; } = 4;

    /// <summary>Models a silo keeps in memory: the versions in use, the rounds in training, and of the others those used last. Default: 4.</summary>
    [Range(2, 1000)]
    public int CachedVersions { get; set; } = 4;

    /// <summary>Largest block, in bytes, in which large sums and parameters travel between silos. Default: 16 MiB.</summary>
    [Range(1024, 64 << 20)]
    public int SumBlockBytes { get; set; } = 16 << 20;

    /// <summary>Largest sum, in bytes, of which each training thread has one of its own; of a larger one all share one, which costs them little, since a
    /// client's update is a small part of it. Default: 256 MiB.</summary>
    internal int LargestOwnSum { get; set; } = 256 << 20;

    /// <summary>Time after which a silo sends what it has summed, though clients are still training; for sums above 1 MiB so many times
    /// longer, as sending must not cost more than training. Default: 0.25 s.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Time between two durable copies of an open round's sum. Default: 10 s.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(10);
}
