using FedRec.Cli.Output;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Demo;

/// <summary>The run of the demonstration, and whether the store has it already.</summary>
internal static class DemoRequest
{
    /// <summary>The run of a scenario; single users are sampled and may drop out, of organisations all take part.</summary>
    /// <param name="scenario">The field.</param>
    /// <param name="path">Real data, or null for what is built in.</param>
    public static RunRequest Create(DemoScenario scenario, string? path) => new()
    {
        Federation = scenario.HasParties ? $"demo-{scenario.Name}" : "demo",
        Data = scenario.Data(path),
        Learner = scenario.Learner,
        LearnerOptions = scenario.Options,
        Rounds = scenario.HasParties
            ? new RoundSettings { PublishEvery = 0 }
            : new RoundSettings { Count = 40, CohortSize = 200, PublishEvery = 10, Dropout = 0.05 },
        EvaluateEvery = scenario.HasParties ? 10 : 4,
        Patience = scenario.HasParties ? 0 : 3,
    };

    /// <summary>The completed run of the same request whose model is still kept; null when there is none.</summary>
    public static async Task<RunStatus?> FindCompletedAsync(IGrainFactory grains, RunRequest request, CancellationToken cancellationToken)
    {
        var runs = (await grains.GetGrain<IFederationGrain>(request.Federation).GetSummaryAsync(cancellationToken)).Runs;
        if (runs.IsEmpty || await grains.GetGrain<IRunGrain>($"{request.Federation}/{runs[^1]}").GetStatusAsync(cancellationToken) is not { Phase: RunPhase.Completed } status)
        {
            return null;
        }

        var kept = await grains.GetGrain<IModelGrain>(request.Federation).GetManifestAsync(status.Version, cancellationToken);
        return kept is not null && IsSame(status.Request, request) ? status : null;
    }

    // A stored request has the learner's choices filled in where this one leaves them open.
    private static bool IsSame(RunRequest stored, RunRequest request) =>
        Json.Line(stored with { RecordedHistory = request.RecordedHistory, ServerOptimizer = request.ServerOptimizer, Rounds = stored.Rounds with { Weighting = request.Rounds.Weighting, Count = request.Rounds.Count == 0 ? 0 : stored.Rounds.Count } }) == Json.Line(request);
}
