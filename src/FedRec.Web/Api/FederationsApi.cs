using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>Federations of the cluster.</summary>
internal static class FederationsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var federations = api.MapGroup("/federations").WithTags("Federations");
        federations.MapGet("", ListAsync).ForViewers().WithName("listFederations").WithSummary("Federations, the most recently active first.");
        federations.MapGet("/{federation}/data", GetDataAsync).ForViewers().WithName("getDataReport")
            .WithSummary("What the parties of a federation say of their data: sizes, skew, staleness and drift, all rounded by the parties.");
        federations.MapPut("/{federation}/simulation", SimulateAsync).ForOperators().WithName("simulate").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Tells a federation what it simulates: the data that the silos load in its runs from now on. One that is not there yet begins with it.");
    }

    private static async Task<Ok<FederationView[]>> ListAsync(FederationSelector selector, CancellationToken cancellationToken)
    {
        var summaries = await selector.ListAsync(cancellationToken);
        return TypedResults.Ok(summaries.Select(s => new FederationView(s.Name, s.ActiveRun, s.LastActive, s.Runs)).ToArray());
    }

    private static async Task<Ok<DataSpec>> SimulateAsync(string federation, DataSpec body, FederationSelector selector, DataRoot root, CancellationToken cancellationToken)
    {
        Check.Name(federation, nameof(federation));
        try
        {
            var told = await selector.Federation(federation).SimulateAsync(root.Find(body), cancellationToken);
            selector.Forget();
            return told is not null ? TypedResults.Ok(root.Shown(told)) : throw ProblemException.Conflict("Clients keep their data",
                $"The clients of federation '{federation}' keep their data themselves, so there is nothing to simulate. Use another federation.");
        }
        catch (ArgumentException exception)
        {
            throw ProblemException.BadRequest(exception.Message);
        }
    }

    private static async Task<Ok<DataReportView>> GetDataAsync(string federation, FederationSelector selector, CancellationToken cancellationToken)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var report = await selector.Federation(name).GetDataReportAsync(cancellationToken);
        return report is not null ? TypedResults.Ok(DataReportView.From(report)) : throw ProblemException.NotFound("No run",
            $"Federation '{name}' has no run whose data could be described. Start one with POST ~/api/v1/runs.");
    }
}

/// <summary>A federation and its runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ActiveRun">The run in progress, or null; not among the runs yet while its data is being read.</param>
/// <param name="LastActive">When a run was last started.</param>
/// <param name="Runs">Ids of its runs, oldest first.</param>
public sealed record FederationView(string Name, string? ActiveRun, DateTimeOffset? LastActive, IReadOnlyList<string> Runs);

/// <summary>What the parties of a federation say of their data. Parties round every number before they send it.</summary>
/// <param name="Run">The run whose data is meant.</param>
/// <param name="Together">All parties together; null when all of them say nothing.</param>
/// <param name="Parties">Parties that say something.</param>
/// <param name="Withheld">Number of parties that say nothing, because they have fewer users than minimumCohort.</param>
/// <param name="MinimumCohort">Users below which a party says nothing.</param>
/// <param name="DriftOf">What drift compares.</param>
public sealed record DataReportView(
    string Run, PartyDataView? Together, IReadOnlyList<PartyDataView> Parties, int Withheld, int MinimumCohort, string DriftOf)
{
    internal static DataReportView From(DataReportAnswer report) => new(
        report.Run[(report.Run.LastIndexOf('/') + 1)..],
        report.Together is { } together ? PartyDataView.From(together) : null,
        [.. report.Parties.Select(PartyDataView.From)],
        report.Withheld,
        report.MinimumCohort,
        report.DriftOf);
}

/// <summary>One party's data, roughly; or that of all, where shares and ages but the last are those of the middle party.</summary>
/// <param name="Party">Its name.</param>
/// <param name="UsersAtLeast">A power of two.</param>
/// <param name="InteractionsAtLeast">A power of two.</param>
/// <param name="Density">Share of the pairs of users and items that are interactions.</param>
/// <param name="PopularityGini">Gini coefficient of item popularity.</param>
/// <param name="TopTenthShare">Share of the interactions that the most popular tenth of the items has.</param>
/// <param name="MedianAgeDaysAtLeast">Age of the median event against the federation's newest day: 0, 1, 7, 30, 90 or 365; null without times.</param>
/// <param name="LastAgeDaysAtLeast">Age of the last event, likewise.</param>
/// <param name="Drift">Jensen–Shannon divergence of interests from the federation's, in percent of 1 bit; null when it is not known.</param>
public sealed record PartyDataView(
    string Party,
    long UsersAtLeast,
    long InteractionsAtLeast,
    PercentView Density,
    PercentView PopularityGini,
    PercentView TopTenthShare,
    int? MedianAgeDaysAtLeast,
    int? LastAgeDaysAtLeast,
    PercentView? Drift)
{
    internal static PartyDataView From(PartyData party) => new(
        party.Party, party.Users, party.Interactions, PercentView.From(party.Density)!, PercentView.From(party.PopularityGini)!,
        PercentView.From(party.TopTenthShare)!, party.MedianAgeDays, party.LastAgeDays, PercentView.From(party.Drift));
}

/// <summary>A share, roughly.</summary>
/// <param name="FromPercent">Lower end in percent.</param>
/// <param name="ToPercent">Upper end in percent.</param>
public sealed record PercentView(int FromPercent, int ToPercent)
{
    internal static PercentView? From(PercentBand? band) => band is null ? null : new(band.From, band.To);
}
