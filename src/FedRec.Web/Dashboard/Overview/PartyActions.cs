using FedRec.Contracts.RemoteParties;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Dashboard.Overview;

/// <summary>What the page's section of parties does without scripts; with scripts on, the API is called instead.</summary>
internal static class PartyActions
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapPost("/parties/invite", InviteAsync).DisableAntiforgery(); // requests of other sites are refused by where they come from
        foreach (var (verb, standing) in new[] { ("approve", PartyStanding.Active), ("suspend", PartyStanding.Suspended), ("resume", PartyStanding.Active), ("remove", PartyStanding.Removed) })
        {
            pages.MapPost($"/parties/{{name}}/{verb}", (string name, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string federation, string? fingerprint = null) =>
                StandAsync(name, standing, context, selector, federation, fingerprint, cancellationToken));
        }
    }

    // A page and not a redirect: the code is nowhere but in this answer.
    private static async Task<ContentHttpResult> InviteAsync(string federation, [FromForm] string name, [FromForm] string? labels, [FromForm] string? users, HttpContext context, PageRenderer pages, CancellationToken cancellationToken)
    {
        var body = new InvitationBody { HasManyUsers = users != "one", Labels = labels ?? "" };
        return await pages.RenderAsync<InvitationPage>(context, await PartiesApi.MakeAsync(federation, name, body, context, cancellationToken));
    }

    private static async Task<RedirectHttpResult> StandAsync(
        string name, PartyStanding standing, HttpContext context, FederationSelector selector, string federation, string? fingerprint, CancellationToken cancellationToken)
    {
        await PartiesApi.StandAsync(selector, federation, name, standing, fingerprint, cancellationToken);
        return OverviewActions.Back(context, federation, "parties");
    }
}
