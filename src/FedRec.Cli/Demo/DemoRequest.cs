using FedRec.Cli.Output;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Demo;

/// <summary>The run of the demonstration, and whether the store has it already.</summary>
internal static class DemoRequest
{
    public const string Federation = "demo";

    public static RunRequest Create() => new()
    {
        Federation = Federation,
        Data = new DataSpec { HoldOutValidation = true },
        Learner = "mf",
        Rounds = new RoundSettings { Count = 40, CohortSize = 200, PublishEvery = 10, Dropout = 0.05 },
        EvaluateEvery = 4,
        Patience = 3,
    };

    /// <summary>The completed run of the same request whose model is still kept; null when there is none.</summary>
    public static async Task<RunStatus?> FindCompletedAsync(IGrainFactory grains, RunRequest request, CancellationToken cancellationToken)
    {
        var runs = (await grains.GetGrain<IFederationGrain>(Federation).GetSummaryAsync(cancellationToken)).Runs;
        if (runs.IsEmpty || await grains.GetGrain<IRunGrain>($"{Federation}/{runs[^1]}").GetStatusAsync(cancellationToken) is not { Phase: RunPhase.Completed } status)
        {
            return null;
        }

        var kept = await grains.GetGrain<IModelGrain>(Federation).GetManifestAsync(status.Version, cancellationToken);
        return kept is not null && IsSame(status.Request, request) ? status : null;
    }

    // A stored request has the learner's choices filled in where this one leaves them open.
    private static bool IsSame(RunRequest stored, RunRequest request) =>
        Json.Line(stored with { RecordedHistory = request.RecordedHistory, ServerOptimizer = request.ServerOptimizer, Rounds = stored.Rounds with { Weighting = request.Rounds.Weighting } }) == Json.Line(request);
}
