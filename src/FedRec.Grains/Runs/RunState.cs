using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Models;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Runs;

/// <summary>What a run must remember over a crash, as of its last checkpoint.</summary>
[GenerateSerializer, Alias("fedrec.state.run")]
internal sealed record RunState
{
    /// <summary>The run; null before it is started. Its rounds and evaluations are in the <see cref="RunLog"/>, unless an older program wrote it.</summary>
    [Id(0)] public RunStatus? Status { get; init; }

    /// <summary>Somebody has asked the run to stop.</summary>
    [Id(1)] public bool StopRequested { get; init; }

    /// <summary>Where the run goes on; null for its beginning, and once it has ended.</summary>
    [Id(2)] public Checkpoint? Last { get; init; }

    /// <summary>The best round on validation so far; null where there is none, and once the run has ended.</summary>
    [Id(3)] public Checkpoint? Best { get; init; }

    /// <summary>Segments of the log that are stored; 0 where rounds and evaluations are in <see cref="Status"/>.</summary>
    [Id(4)] public int Segments { get; init; }

    /// <summary><see cref="Core.Data.Dataset.NumberedSha256"/> of the data that the run began with; empty before that, and for runs of older programs.</summary>
    [Id(5)] public string NumberedSha256 { get; init; } = "";

    /// <summary>Attempts at driving the run: each begins with the write of its number, which one of two that begin at once loses. 0 for runs of older programs.</summary>
    /// <remarks>An ETag keeps a former driver from writing. This keeps what it asked for, and what clients kept of it, out of the rounds of its successor, which may have gone back to an earlier round.</remarks>
    [Id(6)] public int Epoch { get; init; }

    /// <summary>The epoch in which the run was last begun with its first round.</summary>
    [Id(7)] public int Since { get; init; }
}

/// <summary>Points at the server's state after a round, in the checkpoint store.</summary>
/// <param name="Round">Rounds done.</param>
/// <param name="Committed">The last of them that was committed: the parameters are those of that round.</param>
/// <param name="Sha256">Hash of the content.</param>
/// <param name="Metric">The validation metric by which runs find their best round; null for a checkpoint that is not the best.</param>
[GenerateSerializer, Immutable, Alias("fedrec.state.checkpoint")]
internal sealed record Checkpoint(
    [property: Id(0)] int Round,
    [property: Id(1)] int Committed,
    [property: Id(2)] string Sha256,
    [property: Id(3)] double? Metric = null);

/// <summary>A part of a run's log.</summary>
[GenerateSerializer, Alias("fedrec.state.run-log-segment")]
internal sealed record RunLogSegment
{
    /// <summary>Rounds, oldest first.</summary>
    [Id(0)] public ImmutableArray<RoundRecord> Rounds { get; init; } = [];

    /// <summary>Evaluations made while these rounds were the last, oldest first.</summary>
    [Id(1)] public ImmutableArray<EvaluationRecord> Evaluations { get; init; } = [];

    /// <summary>The attempt at driving the run that wrote it, see <see cref="RunState.Epoch"/>; 0 for those of older programs.</summary>
    [Id(2)] public int Epoch { get; init; }
}

/// <summary>What run grains share on a silo.</summary>
internal sealed record RunServices(
    RunCache Contexts,
    ParameterCache Parameters,
    ModelPublisher Publisher,
    ICheckpointStore Checkpoints,
    FederatedEvaluator Evaluator,
    SumBlocks Blocks,
    SiloPreparation Silos,
    RunResumption Resumption,
    TimeProvider Time,
    WorkerPools Pools,
    IOptions<TrainingOptions> Training,
    IHostApplicationLifetime Lifetime,
    ILogger<RunDriver> Log);
