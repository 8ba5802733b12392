using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Simulation;

/// <summary>One finished run with the quality of its final model.</summary>
/// <param name="Status">The run.</param>
/// <param name="Test">Its final model on the held-out interactions.</param>
/// <param name="Manifest">Its final model.</param>
internal sealed record RunResult(RunStatus Status, EvaluationRecord Test, ModelManifest Manifest)
{
    /// <summary>The same model as it is shared, and the paired difference of the clients' own to it; null without personalisation.</summary>
    public (EvaluationRecord Shared, ComparisonRecord Gain)? Personal { get; init; }
}
