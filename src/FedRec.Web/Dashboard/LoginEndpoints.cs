using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Dashboard;

/// <summary>Logs people in and out of the page, by a key.</summary>
internal static class LoginEndpoints
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/login", ShowAsync).ForAnybody();
        pages.MapPost("/login", EnterAsync).ForAnybody().ChangesNothing().DisableAntiforgery(); // requests of other sites are refused by where they come from
        pages.MapPost("/logout", LeaveAsync).ForAnybody().ChangesNothing();
    }

    private static Task<ContentHttpResult> ShowAsync(HttpContext context, PageRenderer pages) => pages.RenderAsync<LoginPage>(context, "");

    private static async Task<Results<RedirectHttpResult, ContentHttpResult>> EnterAsync([FromForm] string? key, HttpContext context, AccessGate gate, PageRenderer pages)
    {
        if (await gate.EnterAsync(context, key?.Trim() ?? "") is { } refusal)
        {
            return await pages.RenderAsync<LoginPage>(context, refusal, StatusCodes.Status401Unauthorized);
        }

        return TypedResults.Redirect(Mount.Address(context));
    }

    private static async Task<RedirectHttpResult> LeaveAsync(HttpContext context, Logins logins)
    {
        await logins.LeaveAsync(context);
        return TypedResults.Redirect($"{Mount.Address(context)}/login");
    }
}
