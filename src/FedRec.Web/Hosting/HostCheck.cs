using System.Net;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Hosting;

/// <summary>Refuses requests that were meant for another host: a web page whose name was bound to this machine's address after
/// it was loaded (DNS rebinding) could read every user's history.</summary>
/// <remarks>An address is no name that anybody could bind, so the one that the connection came to is accepted like loopback.
/// <c>/health</c> below the prefix is answered whatever the name: probes come by address or by the name of a container, and it tells of nobody.</remarks>
internal static class HostCheck
{
    /// <exception cref="ProblemException">The request names another host.</exception>
    public static void Check(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ForEveryName>() is null && !IsMeant(context))
        {
            throw new ProblemException(StatusCodes.Status421MisdirectedRequest, "Request for another host",
                "The Host header names neither this machine nor a name it was given. Use localhost, or add the name to FedRec:Web:Names (in a host of your own, FedRecWebOptions.Names).");
        }
    }

    /// <summary>Says that an endpoint answers whatever the name.</summary>
    public static TBuilder AnswersEveryName<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new ForEveryName());

    private static bool IsMeant(HttpContext context)
    {
        var name = context.Request.Host.Host;
        var names = context.RequestServices.GetRequiredService<IOptions<FedRecWebOptions>>().Value.Names;
        return names.Contains(FedRecWebOptions.AnyName) || name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address) && (IPAddress.IsLoopback(address) || IsOwn(address, context.Connection.LocalIpAddress)))
            || names.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsOwn(IPAddress address, IPAddress? local) => local is not null && address.MapToIPv6().Equals(local.MapToIPv6());

    private sealed record ForEveryName;
}
