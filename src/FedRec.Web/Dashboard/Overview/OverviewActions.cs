using FedRec.Web.Api;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Dashboard.Overview;

/// <summary>The buttons of the page as plain forms; with scripts on, the API is called instead.</summary>
internal static class OverviewActions
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapPost("/models/{version:long}/promote", PromoteAsync);
        pages.MapPost("/models/{version:long}/pin", (long version, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string? federation = null) =>
            PinAsync(version, pinned: true, context, selector, federation, cancellationToken));
        pages.MapPost("/models/{version:long}/unpin", (long version, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string? federation = null) =>
            PinAsync(version, pinned: false, context, selector, federation, cancellationToken));
        pages.MapPost("/models/rollback", RollbackAsync);
        pages.MapPost("/runs/{id}/stop", StopAsync);
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

    // A browser follows with a GET, so that reloading the page repeats nothing.
    private static RedirectHttpResult Back(HttpContext context, string federation, string part) =>
        TypedResults.Redirect($"{Mount.Address(context)}?federation={Uri.EscapeDataString(federation)}#{part}");
}
