using System.Globalization;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Web.Api;

namespace FedRec.Web.Dashboard.Overview;

/// <summary>Asks the grains for what the page shows.</summary>
internal sealed class OverviewQuery(FederationSelector selector, DataRoot root)
{
    private const int LogLength = 100;
    private const int UsersOffered = 20;

    /// <summary>The whole page; null when there is no federation yet.</summary>
    public async Task<OverviewModel?> LoadAsync(OverviewAddress address, string origin, CancellationToken cancellationToken)
    {
        var federations = (await selector.ListAsync(cancellationToken)).Select(one => one.Name).ToArray();
        if (federations.Length == 0)
        {
            return null;
        }

        var federation = federations.Contains(address.Federation) ? address.Federation! : federations[0];
        var summary = await selector.Federation(federation).GetSummaryAsync(cancellationToken);
        var pinned = address.Run is not null && summary.Runs.Contains(address.Run);
        var runId = pinned ? address.Run : summary.ActiveRun ?? summary.Runs.LastOrDefault();
        var run = runId is null ? null : await LoadRunAsync(federation, runId, cancellationToken);
        return new OverviewModel
        {
            Federations = federations,
            Federation = federation,
            Runs = [.. summary.Runs.Reverse()],
            Follow = pinned ? "none" : string.IsNullOrEmpty(address.Federation) ? "newest" : "federation",
            Origin = origin,
            Notice = Notice(address, federation, pinned),
            Run = run,
            Data = run is { Run: { Active: false, Population: { } size } } && size.Clients < size.Users ? await DescribeAsync(federation, cancellationToken) : null,
            Parties = summary.Hosted is null ? null : await LoadPartiesAsync(federation, runId, cancellationToken),
            Models = await LoadModelsAsync(federation, cancellationToken),
            Recommendation = await RecommendAsync(federation, pinned ? runId : null, address, cancellationToken),
        };
    }

    public async Task<ModelsView> LoadModelsAsync(string federation, CancellationToken cancellationToken) =>
        ModelsView.From(federation, await selector.Model(federation).GetSummaryAsync(cancellationToken));

    public async Task<PartiesModel> LoadPartiesAsync(string federation, string? runId, CancellationToken cancellationToken)
    {
        var parties = await selector.Parties(federation).ListAsync(cancellationToken);
        var status = runId is null ? null : (await selector.FindRunAsync(federation, runId, cancellationToken)).Status;
        return new PartiesModel(federation, [.. parties.Select(PartyView.From)], runId, status is null ? [] : RunPartyView.All(status, parties));
    }

    public async Task<MetricsView> LoadMetricsAsync(string? federation, string runId, CancellationToken cancellationToken)
    {
        var (_, status) = await selector.FindRunAsync(federation, runId, cancellationToken);
        return await WithBaselinesAsync(MetricsView.From(status), status.Request.Federation, cancellationToken);
    }

    // The rows that the terminal shows below the learner's, once somebody has had them evaluated.
    private async Task<MetricsView> WithBaselinesAsync(MetricsView metrics, string federation, CancellationToken cancellationToken)
    {
        var baselines = await selector.Evaluation(federation).GetBaselinesAsync(metrics.Run, cancellationToken);
        return metrics with { Evaluations = [.. metrics.Evaluations, .. baselines.Select(EvaluationView.From)] };
    }

    /// <summary>The list for the user of the address, or in words why there is none.</summary>
    public async Task<RecommendationModel> RecommendAsync(
        string federation, string? runId, OverviewAddress address, CancellationToken cancellationToken)
    {
        var form = new RecommendationModel(
            federation, runId, address.User?.Trim() ?? "", address.K ?? "10", address.Version ?? "0", [], null, null);
        try
        {
            form = form with { Users = await selector.Recommender(federation).FindUsersAsync("", UsersOffered, cancellationToken) };
            if (form.User.Length == 0)
            {
                return form;
            }

            var query = new RecommendationQuery(form.User, Number(form.Count, "k"), Explain: true, Number(form.Version, "version"));
            return form with { Answer = await RecommendationsApi.AskAsync(selector, federation, query, cancellationToken) };
        }
        catch (ProblemException problem)
        {
            return form with { Problem = problem.Message };
        }
        catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException)
        {
            // The run's data may have been moved since; the rest of the page does not need it.
            return form with { Problem = e is DataNotUsableException data ? data.Guarded : $"The data of federation {federation} cannot be read where its run found it: {e.Message}" };
        }
    }

    // Not while a run is active: the page is asked for often then, and the parties have better things to do.
    private async Task<DataReportView?> DescribeAsync(string federation, CancellationToken cancellationToken)
    {
        try
        {
            return await selector.Federation(federation).GetDataReportAsync(cancellationToken) is { } report ? DataReportView.From(report) : null;
        }
        catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException)
        {
            return null; // the data was moved; the recommendations say so
        }
    }

    private async Task<RunOverview?> LoadRunAsync(string federation, string runId, CancellationToken cancellationToken)
    {
        var grain = selector.Run(federation, runId);
        // Events first: a round that closes in between is then in both, and nothing is missed.
        var events = (await grain.ReadEventsAsync(0, TimeSpan.Zero, cancellationToken)).Events;
        if (await grain.GetStatusAsync(cancellationToken) is not { } status)
        {
            return null;
        }

        var current = events.LastOrDefault(e => e.Record is not null)?.Record ?? status.Rounds.LastOrDefault();
        var log = events.Reverse().Where(e => e.Kind != "round.progress").Take(LogLength).Select(EventView.From);
        return new RunOverview(RunView.From(status, root), await WithBaselinesAsync(MetricsView.From(status), federation, cancellationToken),
            current is null ? null : RoundView.From(current), [.. log], events.LastOrDefault()?.Id ?? 0);
    }

    private static int Number(string text, string name) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw ProblemException.BadRequest($"'{name}' is '{text}'; it must be a whole number.");

    private static string? Notice(OverviewAddress address, string federation, bool pinned)
    {
        if (!string.IsNullOrEmpty(address.Federation) && address.Federation != federation)
        {
            return $"There is no federation “{address.Federation}”; this is {federation}.";
        }

        return !string.IsNullOrEmpty(address.Run) && !pinned
            ? $"Federation {federation} has no run “{address.Run}”; this is its newest one." : null;
    }
}
