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
using FedRec.Web.Access;

namespace FedRec.Web.Api;

/// <summary>Finds the federation and the grains a request is about, if its sender may name that federation: no endpoint has another way to them.</summary>
internal sealed partial class FederationSelector(IGrainFactory grains, StartedFederations started, CallerOfRequest caller)
{
    /// <summary>Names that the directory knows, the most recently active first.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) =>
        await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ListAsync(cancellationToken);

    /// <summary>Federations, the most recently active first.</summary>
    public async Task<IReadOnlyList<FederationSummary>> ListAsync(CancellationToken cancellationToken)
    {
        var names = caller.Caller.Federation is { } own ? [own] : await NamesAsync(cancellationToken);
        var summaries = await Task.WhenAll(names.Select(name => Federation(name).GetSummaryAsync(cancellationToken)));
        return [.. summaries.Where(HasStarted)];
    }

    /// <summary>The federation named, or the most recently active one.</summary>
    /// <remarks>A federation that is named answers for itself, and only until it has started: the directory of all is asked only where none is named, and once a second.</remarks>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<string> SelectAsync(string? federation, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(federation) && caller.Caller.Federation is { } own)
        {
            federation = own;
        }

        if (string.IsNullOrEmpty(federation))
        {
            return await FindNewestAsync(cancellationToken) ?? throw ProblemException.NotFound("No federation",
                "Nothing has been trained yet. Start a run with 'fedrec demo' or POST ~/api/v1/runs.");
        }

        if (!started.Has(caller.Own(federation)))
        {
            _ = IsName(federation) && HasStarted(await Federation(federation).GetSummaryAsync(cancellationToken)) ? started.Add(federation, grains.GetGrain<IRecommenderGrain>(federation))
                : throw ProblemException.NotFound("No such federation", $"There is no federation '{federation}'. GET ~/api/v1/federations lists them.");
        }

        return federation;
    }

    /// <summary>The most recently active federation; null when there is none.</summary>
    public async Task<string?> FindNewestAsync(CancellationToken cancellationToken)
    {
        if (caller.Caller.Federation is { } own)
        {
            return own;
        }

        if (started.Newest is { } known)
        {
            return known;
        }

        return await ListAsync(cancellationToken) is [var first, ..] ? started.Newest = first.Name : null;
    }

    /// <summary>A run has started: another federation may be the most recently active one.</summary>
    public void Forget() => started.Newest = null;

    // One whose first start was cut off is in the directory, and has never been active.
    private static bool HasStarted(FederationSummary federation) => federation.LastActive is not null || federation.ActiveRun is not null || federation.Hosted is not null || federation.Simulates is not null;

    /// <summary>Refuses a federation that the sender may not name, where a request reads of another one beside its own.</summary>
    public void CheckMayName(string federation) => caller.Own(federation);

    public IFederationGrain Federation(string federation) => grains.GetGrain<IFederationGrain>(caller.Own(federation));

    public IOrganisationsGrain Organisations(string federation) => grains.GetGrain<IOrganisationsGrain>(caller.Own(federation));

    public IPartiesGrain Parties(string federation) => grains.GetGrain<IPartiesGrain>(caller.Own(federation));

    public IPrivacyLedgerGrain Privacy(string federation) => grains.GetGrain<IPrivacyLedgerGrain>(caller.Own(federation));

    public ICatalogueGrain Catalogue(string federation) => grains.GetGrain<ICatalogueGrain>(caller.Own(federation));

    public IModelGrain Model(string federation) => grains.GetGrain<IModelGrain>(caller.Own(federation));

    public IRecommenderGrain Recommender(string federation) => started.Find(caller.Own(federation)) ?? grains.GetGrain<IRecommenderGrain>(federation);

    public IEvaluationGrain Evaluation(string federation) => grains.GetGrain<IEvaluationGrain>(caller.Own(federation));

    public IHistoryGrain History(string federation) => grains.GetGrain<IHistoryGrain>(caller.Own(federation));

    public IRunGrain Run(string federation, string runId) => grains.GetGrain<IRunGrain>($"{caller.Own(federation)}/{runId}");

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

/// <summary>Federations that have started, of which none ever ends, and the most recently active one, which is asked for once a second at most.</summary>
internal sealed class StartedFederations(TimeProvider time)
{
    private static readonly TimeSpan s_listAge = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, IRecommenderGrain> _started = new(StringComparer.Ordinal);
    private volatile Read? _newest;

    /// <summary>The most recently active one; null when it must be asked for.</summary>
    public string? Newest
    {
        get => _newest is { } read && time.GetElapsedTime(read.At) < s_listAge ? read.Name : null;
        set => _newest = value is null ? null : new Read(value, time.GetTimestamp());
    }

    public bool Has(string federation) => _started.ContainsKey(federation);

    public bool Add(string federation, IRecommenderGrain recommender) => _started.TryAdd(federation, recommender);

    public IRecommenderGrain? Find(string federation) => _started.GetValueOrDefault(federation);

    private sealed record Read(string Name, long At);
}
