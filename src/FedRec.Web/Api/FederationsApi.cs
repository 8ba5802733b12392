using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>Federations of the cluster.</summary>
internal static class FederationsApi
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/federations", ListAsync).WithName("listFederations").WithTags("Federations")
            .WithSummary("Federations, the most recently active first.");

    private static async Task<Ok<FederationView[]>> ListAsync(FederationSelector selector, CancellationToken cancellationToken)
    {
        var names = await selector.ListAsync(cancellationToken);
        var summaries = await Task.WhenAll(names.Select(name => selector.Federation(name).GetSummaryAsync(cancellationToken)));
        return TypedResults.Ok(Array.ConvertAll(summaries, s => new FederationView(s.Name, s.ActiveRun, s.LastActive, s.Runs)));
    }
}
