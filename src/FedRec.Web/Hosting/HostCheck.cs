using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Hosting;

/// <summary>Refuses requests that were meant for another host: a web page whose name was bound to this machine's address after
/// it was loaded (DNS rebinding) could read every user's history.</summary>
/// <remarks>An address is no name that anybody could bind, so the one that the connection came to is accepted like loopback.
/// <c>/health</c> is answered whatever the name: probes come by address or by the name of a container, and it tells of nobody.</remarks>
internal static class HostCheck
{
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!OurAddresses.Contain(request.Path) || request.Path.StartsWithSegments("/health") || IsMeant(context))
        {
            return next(context);
        }

        return ProblemAnswers.WriteAsync(context, new ProblemDetails
        {
            Status = StatusCodes.Status421MisdirectedRequest,
            Title = "Request for another host",
            Detail = "The Host header names neither this machine nor a name it was given. Use localhost, or add the name to FedRec:Web:Names.",
        });
    }

    private static bool IsMeant(HttpContext context)
    {
        var name = context.Request.Host.Host;
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address) && (IPAddress.IsLoopback(address) || IsOwn(address, context.Connection.LocalIpAddress)))
            || context.RequestServices.GetRequiredService<IOptions<FedRecWebOptions>>().Value.Names.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsOwn(IPAddress address, IPAddress? local) => local is not null && address.MapToIPv6().Equals(local.MapToIPv6());
}
