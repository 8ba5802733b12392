using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Dashboard.Overview;

/// <summary>The page and the parts of it that its scripts ask for again.</summary>
internal static class OverviewEndpoints
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("", PageAsync);
        pages.MapGet("/fragments/rounds", RoundsAsync);
        pages.MapGet("/fragments/quality", QualityAsync);
        pages.MapGet("/fragments/models", ModelsAsync);
        pages.MapGet("/fragments/recommendations", RecommendationsAsync);
        OverviewActions.Map(pages);
    }

    private static async Task<ContentHttpResult> PageAsync(
        [AsParameters] OverviewAddress address, HttpContext context, OverviewQuery query, PageRenderer pages,
        CancellationToken cancellationToken)
    {
        var origin = $"{context.Request.Scheme}://{context.Request.Host}";
        try
        {
            return await query.LoadAsync(address, origin, cancellationToken) is { } model
                ? await pages.RenderAsync<OverviewPage>(context, model)
                : await pages.RenderAsync<GettingStartedPage>(context, origin);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return await pages.RenderAsync<UnavailablePage>(context, status: StatusCodes.Status503ServiceUnavailable); // it asks again by itself
        }
    }

    private static async Task<ContentHttpResult> RoundsAsync(
        string run, HttpContext context, OverviewQuery query, PageRenderer pages, CancellationToken cancellationToken, string? federation = null) =>
        await pages.RenderAsync<RoundsTable>(context, await query.LoadMetricsAsync(federation, run, cancellationToken));

    private static async Task<ContentHttpResult> QualityAsync(
        string run, HttpContext context, OverviewQuery query, PageRenderer pages, CancellationToken cancellationToken, string? federation = null) =>
        await pages.RenderAsync<QualityTable>(context, await query.LoadMetricsAsync(federation, run, cancellationToken));

    private static async Task<ContentHttpResult> ModelsAsync(
        HttpContext context, FederationSelector selector, OverviewQuery query, PageRenderer pages, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        return await pages.RenderAsync<ModelsTable>(context, await query.LoadModelsAsync(name, cancellationToken));
    }

    private static async Task<ContentHttpResult> RecommendationsAsync(
        [AsParameters] OverviewAddress address, HttpContext context, FederationSelector selector, OverviewQuery query, PageRenderer pages,
        CancellationToken cancellationToken)
    {
        var name = await selector.SelectAsync(address.Federation, cancellationToken);
        return await pages.RenderAsync<RecommendationList>(context, await query.RecommendAsync(name, address.Run, address, cancellationToken));
    }
}
