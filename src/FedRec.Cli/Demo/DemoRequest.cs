using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Grains.Runs;

namespace FedRec.Cli.Demo;

/// <summary>The run of the demonstration, and whether the store has it already.</summary>
internal static class DemoRequest
{
    private const int MostItems = 5_000; // of ease, which solves for half a minute with 4,000 items and for many with 20,000: then mf

    /// <summary>The run of a scenario, in which all clients take part.</summary>
    /// <param name="scenario">The field.</param>
    /// <param name="path">Real data, or null for what is built in.</param>
    /// <param name="reading">What real data does not tell of itself; null for nothing.</param>
    /// <exception cref="Core.Data.DatasetException">The real data cannot be read.</exception>
    public static RunRequest Create(DemoScenario scenario, string? path, ReadingSpec? reading = null)
    {
        var request = Create(scenario, scenario.Data(path, reading));
        var isLarge = path is not null && !scenario.HasParties && DatasetSource.Open(RequestChecks.DataOf(request)).Items.Count > MostItems;
        return isLarge ? request with { Learner = "mf", LearnerOptions = request.LearnerOptions.Clear() } : request;
    }

    private static RunRequest Create(DemoScenario scenario, DataSpec data) => new()
    {
        Federation = scenario.HasParties ? $"demo-{scenario.Name}" : "demo",
        Data = data,
        Learner = scenario.Learner,
        LearnerOptions = scenario.Options,
        Rounds = new RoundSettings { PublishEvery = 0 },
        EvaluateEvery = 10,
    };

    /// <summary>The newest completed run of the same request whose model is still kept, whatever was trained after it; null when there is none.</summary>
    public static async Task<RunStatus?> FindCompletedAsync(IGrainFactory grains, RunRequest request, CancellationToken cancellationToken)
    {
        var runs = (await grains.GetGrain<IFederationGrain>(request.Federation).GetSummaryAsync(cancellationToken)).Runs;
        foreach (var runId in runs.Reverse())
        {
            if (await grains.GetGrain<IRunGrain>($"{request.Federation}/{runId}").GetStatusAsync(cancellationToken) is { Phase: RunPhase.Completed } status
                && RequestChecks.IsSame(status.Request, request)
                && await grains.GetGrain<IModelGrain>(request.Federation).GetManifestAsync(status.Version, cancellationToken) is not null)
            {
                return status;
            }
        }

        return null;
    }
}
