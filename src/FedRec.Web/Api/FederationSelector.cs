using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>Finds the federation and the grains a request is about.</summary>
internal sealed partial class FederationSelector(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan s_listAge = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, IRecommenderGrain> _started = new(StringComparer.Ordinal); // none of them ever ends
    private Newest? _newest;

    /// <summary>Names that the directory knows, the most recently active first.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) =>
        await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ListAsync(cancellationToken);

    /// <summary>Federations, the most recently active first.</summary>
    public async Task<IReadOnlyList<FederationSummary>> ListAsync(CancellationToken cancellationToken)
    {
        var summaries = await Task.WhenAll((await NamesAsync(cancellationToken)).Select(name => Federation(name).GetSummaryAsync(cancellationToken)));
        return [.. summaries.Where(HasStarted)];
    }

    /// <summary>The federation named, or the most recently active one.</summary>
    /// <remarks>A federation that is named answers for itself, and only until it has started: the directory of all is asked only where none is named, and once a second.</remarks>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<string> SelectAsync(string? federation, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(federation))
        {
            return await FindNewestAsync(cancellationToken) ?? throw ProblemException.NotFound("No federation",
                "Nothing has been trained yet. Start a run with 'fedrec demo' or POST ~/api/v1/runs.");
        }

        if (!_started.ContainsKey(federation))
        {
            _ = IsName(federation) && HasStarted(await Federation(federation).GetSummaryAsync(cancellationToken)) ? _started.TryAdd(federation, grains.GetGrain<IRecommenderGrain>(federation))
                : throw ProblemException.NotFound("No such federation", $"There is no federation '{federation}'. GET ~/api/v1/federations lists them.");
        }

        return federation;
    }

    /// <summary>The most recently active federation; null when there is none.</summary>
    public async Task<string?> FindNewestAsync(CancellationToken cancellationToken)
    {
        if (_newest is not { } known || time.GetElapsedTime(known.ReadAt) >= s_listAge)
        {
            if (await ListAsync(cancellationToken) is not [var first, ..])
            {
                return null;
            }

            _newest = known = new Newest(first.Name, time.GetTimestamp());
        }

        return known.Name;
    }

    /// <summary>A run has started: another federation may be the most recently active one.</summary>
    public void Forget() => _newest = null;

    // One whose first start was cut off is in the directory, and has never been active.
    private static bool HasStarted(FederationSummary federation) => federation.LastActive is not null || federation.ActiveRun is not null || federation.Hosted is not null || federation.Simulates is not null;

    private sealed record Newest(string Name, long ReadAt);

    public IFederationGrain Federation(string federation) => grains.GetGrain<IFederationGrain>(federation);

    public IOrganisationsGrain Organisations(string federation) => grains.GetGrain<IOrganisationsGrain>(federation);

    public IPartiesGrain Parties(string federation) => grains.GetGrain<IPartiesGrain>(federation);

    public IPrivacyLedgerGrain Privacy(string federation) => grains.GetGrain<IPrivacyLedgerGrain>(federation);

    public IModelGrain Model(string federation) => grains.GetGrain<IModelGrain>(federation);

    public IRecommenderGrain Recommender(string federation) => _started.TryGetValue(federation, out var known) ? known : grains.GetGrain<IRecommenderGrain>(federation);

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
            $"Federation '{name}' has no run '{runId}'. GET ~/api/v1/runs?federation={name} lists its runs.");
    }

    /// <summary>Whether a text can name a federation or a run.</summary>
    public static bool IsName(string text) => NamePattern().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex NamePattern();
}
