using System.Text.RegularExpressions;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>Finds the federation and the grains a request is about.</summary>
internal sealed partial class FederationSelector(IGrainFactory grains)
{
    /// <summary>Federations, the most recently active first.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ListAsync(cancellationToken);

    /// <summary>The federation named, or the most recently active one.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<string> SelectAsync(string? federation, CancellationToken cancellationToken)
    {
        var known = await ListAsync(cancellationToken);
        if (string.IsNullOrEmpty(federation))
        {
            return known.Count > 0 ? known[0] : throw ProblemException.NotFound("No federation",
                "Nothing has been trained yet. Start a run with 'fedrec demo' or POST /api/v1/runs.");
        }

        return known.Contains(federation) ? federation : throw ProblemException.NotFound("No such federation",
            $"There is no federation '{federation}'. GET /api/v1/federations lists them.");
    }

    public IFederationGrain Federation(string federation) => grains.GetGrain<IFederationGrain>(federation);

    public IModelGrain Model(string federation) => grains.GetGrain<IModelGrain>(federation);

    public IRecommenderGrain Recommender(string federation) => grains.GetGrain<IRecommenderGrain>(federation);

    public IEvaluationGrain Evaluation(string federation) => grains.GetGrain<IEvaluationGrain>(federation);

    public IHistoryGrain History(string federation) => grains.GetGrain<IHistoryGrain>(federation);

    public IRunGrain Run(string federation, string runId) => grains.GetGrain<IRunGrain>($"{federation}/{runId}");

    /// <summary>A run that exists, with its grain.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<(IRunGrain Grain, RunStatus Status)> FindRunAsync(string? federation, string runId, CancellationToken cancellationToken)
    {
        var name = await SelectAsync(federation, cancellationToken);
        var grain = Run(name, runId);
        var status = IsName(runId) ? await grain.GetStatusAsync(cancellationToken) : null; // anything else is no key of a grain
        return status is not null ? (grain, status) : throw ProblemException.NotFound("No such run",
            $"Federation '{name}' has no run '{runId}'. GET /api/v1/runs?federation={name} lists its runs.");
    }

    /// <summary>Whether a text can name a federation or a run.</summary>
    public static bool IsName(string text) => NamePattern().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex NamePattern();
}
