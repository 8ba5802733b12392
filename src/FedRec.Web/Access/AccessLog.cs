using System.Globalization;
using FedRec.Contracts.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Web.Access;

/// <summary>Notes what operators change: that it is about to be done, durably, and then what became of it. What cannot be noted is not done.</summary>
/// <remarks>Only what was let in: others could fill the log. What apps record of users is in the users' histories, and what parties send in their receipts.</remarks>
internal static class AccessLog
{
    /// <summary>Does something for a caller who was let in, and notes it where it is an operator's change.</summary>
    public static async Task NoteAsync(HttpContext context, Func<Task> answer)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
            || context.GetEndpoint()?.Metadata.GetMetadata<AccessNeed>() is not { Roles: AccessRoles.Operator } || context.RequestServices.GetService<IGrainFactory>() is not { } grains)
        {
            await answer();
            return;
        }

        var log = grains.GetGrain<IAccessLogGrain>(IAccessLogGrain.Key);
        var caller = context.RequestServices.GetRequiredService<CallerOfRequest>().Caller.Name;
        var begun = await log.AppendAsync(new AccessLogNote(Text(caller, 300), Text($"{context.Request.Method} {Address(context)}", 500), Of: 0, Status: 0), context.RequestAborted);
        try
        {
            await answer();
            await EndAsync(context.Response.StatusCode);
        }
        catch (Exception e)
        {
            await EndAsync(context.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest : ProblemAnswers.StatusOf(context, e));
            throw;
        }

        Task EndAsync(int status) => log.AppendAsync(begun.Note with { Of = begun.Number, Status = status }, CancellationToken.None);
    }

    // Such as /api/v1/federations/shops/parties/north/approve: what it names, but for users, who may be people. Below the prefix, wherever a host has it.
    private static string Address(HttpContext context)
    {
        var values = context.Request.RouteValues;
        var segments = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.PathSegments.Select(segment => segment.Parts is [RoutePatternParameterPart part]
            ? part.Name == "user" ? "{user}" : Convert.ToString(values[part.Name], CultureInfo.InvariantCulture)
            : string.Concat(segment.Parts.OfType<RoutePatternLiteralPart>().Select(part => part.Content)));
        var federation = context.Request.Query["federation"].ToString() is { Length: > 0 } named ? $"?federation={named}" : "";
        return ("/" + string.Join('/', segments))[Mount.Of(context).Prefix.Length..] + federation;
    }

    private static string Text(string text, int most) => new([.. text.Where(c => !char.IsControl(c)).Take(most)]);
}
