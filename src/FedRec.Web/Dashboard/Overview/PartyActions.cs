using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
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

/// <summary>What the page's section of parties does without scripts; with scripts on, the API is called instead.</summary>
internal static class PartyActions
{
    private const int MostBodyBytes = 4_000_000; // of a list of items
    private const int Batch = 1_000;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapPost("/parties/begin", BeginAsync).ForOperators().WithBodyOf(MostBodyBytes).DisableAntiforgery();
        pages.MapPost("/parties/invite", InviteAsync).ForOperators().DisableAntiforgery(); // requests of other sites are refused by where they come from
        foreach (var (verb, standing) in new[] { ("approve", PartyStanding.Active), ("suspend", PartyStanding.Suspended), ("resume", PartyStanding.Active), ("remove", PartyStanding.Removed) })
        {
            pages.MapPost($"/parties/{{name}}/{verb}", (string name, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string federation, string? fingerprint = null) =>
                StandAsync(name, standing, context, selector, federation, fingerprint, cancellationToken)).ForOperators();
        }
    }

    // A page and not a redirect: the code is nowhere but in this answer.
    private static async Task<ContentHttpResult> InviteAsync(string federation, [FromForm] string name, [FromForm] string? labels, [FromForm] string? users, HttpContext context, PageRenderer pages, CancellationToken cancellationToken)
    {
        var body = new InvitationBody { HasManyUsers = users != "one", Labels = labels ?? "" };
        return await ShowAsync(federation, name, body, [], context, pages, cancellationToken);
    }

    private static async Task<ContentHttpResult> BeginAsync(
        [FromForm] string federation, [FromForm] string name, [FromForm] string? labels, [FromForm] string? users, [FromForm] string? ratings, [FromForm] string? items, HttpContext context, PageRenderer pages, CancellationToken cancellationToken)
    {
        var body = new InvitationBody { HasManyUsers = users != "one", Labels = labels ?? "", Ratings = ratings == "yes" };
        return await ShowAsync(federation, name, body, ItemsOf(items ?? ""), context, pages, cancellationToken);
    }

    private static async Task<ContentHttpResult> ShowAsync(string federation, string name, InvitationBody body, IReadOnlyList<CatalogueItem> items, HttpContext context, PageRenderer pages, CancellationToken cancellationToken)
    {
        var made = await PartiesApi.MakeAsync(federation, name, body, context, cancellationToken);
        var catalogue = context.RequestServices.GetRequiredService<FederationSelector>().Catalogue(federation);
        foreach (var part in items.Chunk(Batch))
        {
            await catalogue.AddAsync([.. part], cancellationToken);
        }

        return await pages.RenderAsync<InvitationPage>(context, new InvitedModel(made, await catalogue.CountAsync(cancellationToken)));
    }

    // One a line: its id, and its title after a comma; a first line with names of columns is none.
    private static CatalogueItem[] ItemsOf(string text) => [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(',', 2, StringSplitOptions.TrimEntries))
        .SkipWhile((parts, place) => place == 0 && parts is ["id" or "item", ..])
        .Where(parts => parts[0].Length > 0)
        .Select(parts => new CatalogueItem(parts[0], parts is [_, { Length: > 0 } title] ? title : null, []))];

    private static async Task<RedirectHttpResult> StandAsync(
        string name, PartyStanding standing, HttpContext context, FederationSelector selector, string federation, string? fingerprint, CancellationToken cancellationToken)
    {
        await PartiesApi.StandAsync(selector, federation, name, standing, fingerprint, cancellationToken);
        return OverviewActions.Back(context, federation, "parties");
    }
}
