using FedRec.Web.Access;
using FedRec.Web.Api;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Web.Dashboard.Overview;

/// <summary>The page and the parts of it that its scripts ask for again.</summary>
internal static class OverviewEndpoints
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("", PageAsync).ForViewers().WithMetadata(new ProblemPage(ShowAsync));
        pages.MapGet("/fragments/rounds", RoundsAsync).ForViewers();
        pages.MapGet("/fragments/quality", QualityAsync).ForViewers();
        pages.MapGet("/fragments/models", ModelsAsync).ForViewers();
        pages.MapGet("/fragments/recommendations", RecommendationsAsync).ForViewers();
        pages.MapGet("/fragments/parties", PartiesAsync).ForViewers();
        OverviewActions.Map(pages);
        PartyActions.Map(pages);
    }

    private static async Task<ContentHttpResult> PageAsync(
        [AsParameters] OverviewAddress address, HttpContext context, OverviewQuery query, PageRenderer pages,
        CancellationToken cancellationToken)
    {
        var origin = $"{context.Request.Scheme}://{context.Request.Host}";
        return await query.LoadAsync(address, origin, cancellationToken) is { } model
            ? await pages.RenderAsync<OverviewPage>(context, model)
            : await pages.RenderAsync<GettingStartedPage>(context, origin);
    }

    private static async Task<bool> ShowAsync(HttpContext context, ProblemDetails problem)
    {
        if (problem.Status == StatusCodes.Status401Unauthorized && !context.Request.Headers.Authorization.ToString().StartsWith("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Redirect($"{Mount.Address(context)}/login");
            return true;
        }

        if (problem.Status != StatusCodes.Status503ServiceUnavailable)
        {
            return false;
        }

        var page = await context.RequestServices.GetRequiredService<PageRenderer>().RenderAsync<UnavailablePage>(context, status: StatusCodes.Status503ServiceUnavailable); // it asks again by itself
        await page.ExecuteAsync(context);
        return true;
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

    private static async Task<ContentHttpResult> PartiesAsync(
        HttpContext context, FederationSelector selector, OverviewQuery query, PageRenderer pages, CancellationToken cancellationToken, string? federation = null, string? run = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        return await pages.RenderAsync<PartiesTable>(context, await query.LoadPartiesAsync(name, run, cancellationToken));
    }

    private static async Task<ContentHttpResult> RecommendationsAsync(
        [AsParameters] OverviewAddress address, HttpContext context, FederationSelector selector, OverviewQuery query, PageRenderer pages,
        CancellationToken cancellationToken)
    {
        var name = await selector.SelectAsync(address.Federation, cancellationToken);
        return await pages.RenderAsync<RecommendationList>(context, await query.RecommendAsync(name, address.Run, address, cancellationToken));
    }
}

/// <summary>The buttons of the page as plain forms; with scripts on, the API is called instead.</summary>
internal static class OverviewActions
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapPost("/models/{version:long}/promote", PromoteAsync).ForOperators();
        pages.MapPost("/models/{version:long}/pin", (long version, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string? federation = null) =>
            PinAsync(version, pinned: true, context, selector, federation, cancellationToken)).ForOperators();
        pages.MapPost("/models/{version:long}/unpin", (long version, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string? federation = null) =>
            PinAsync(version, pinned: false, context, selector, federation, cancellationToken)).ForOperators();
        pages.MapPost("/models/rollback", RollbackAsync).ForOperators();
        pages.MapPost("/runs/{id}/stop", StopAsync).ForOperators();
    }

    private static async Task<RedirectHttpResult> PromoteAsync(
        long version, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        return await selector.Model(name).PromoteAsync(version, cancellationToken) ? Back(context, name, "models")
            : throw ProblemException.NotFound("No such model version", $"Federation '{name}' has no version {version}.");
    }

    private static async Task<RedirectHttpResult> PinAsync(
        long version, bool pinned, HttpContext context, FederationSelector selector, string? federation, CancellationToken cancellationToken)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        return await selector.Model(name).PinAsync(version, pinned, cancellationToken) ? Back(context, name, "models")
            : throw ProblemException.NotFound("No such model version", $"Federation '{name}' has no version {version}.");
    }

    private static async Task<RedirectHttpResult> RollbackAsync(
        HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        return await selector.Model(name).RollbackAsync(cancellationToken) is not null ? Back(context, name, "models")
            : throw ProblemException.Conflict("Nothing to roll back to", $"Federation '{name}' has had no other version in use before.");
    }

    private static async Task<RedirectHttpResult> StopAsync(
        string id, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var (run, status) = await selector.FindRunAsync(federation, id, cancellationToken);
        await run.StopAsync(cancellationToken);
        return Back(context, status.Request.Federation, "run");
    }

    /// <summary>A browser follows with a GET, so that reloading the page repeats nothing.</summary>
    public static RedirectHttpResult Back(HttpContext context, string federation, string part) =>
        TypedResults.Redirect($"{Mount.Address(context)}?federation={Uri.EscapeDataString(federation)}#{part}");
}
