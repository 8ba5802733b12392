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
        federations.MapGet("", ListAsync).WithName("listFederations").WithSummary("Federations, the most recently active first.");
        federations.MapGet("/{federation}/data", GetDataAsync).WithName("getDataReport")
            .WithSummary("What the parties of a federation say of their data: sizes, skew, staleness and drift, all rounded by the parties.");
    }

    private static async Task<Ok<FederationView[]>> ListAsync(FederationSelector selector, CancellationToken cancellationToken)
    {
        var summaries = await selector.ListAsync(cancellationToken);
        return TypedResults.Ok(summaries.Select(s => new FederationView(s.Name, s.ActiveRun, s.LastActive, s.Runs)).ToArray());
    }

    private static async Task<Ok<DataReportView>> GetDataAsync(string federation, FederationSelector selector, CancellationToken cancellationToken)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var report = await selector.Federation(name).GetDataReportAsync(cancellationToken);
        return report is not null ? TypedResults.Ok(DataReportView.From(report)) : throw ProblemException.NotFound("No run",
            $"Federation '{name}' has no run whose data could be described. Start one with POST ~/api/v1/runs.");
    }
}
