using FedRec.Contracts.Runs;

namespace FedRec.Grains.Runs;

/// <summary>What a run must remember over a crash, as of its last published version.</summary>
[GenerateSerializer, Alias("fedrec.state.run")]
internal sealed record RunState
{
    /// <summary>The run; null before it is started.</summary>
    [Id(0)] public RunStatus? Status { get; init; }

    /// <summary>Somebody has asked the run to stop.</summary>
    [Id(1)] public bool StopRequested { get; init; }
}
