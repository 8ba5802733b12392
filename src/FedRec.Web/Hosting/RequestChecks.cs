using System.Net;
using FedRec.Contracts;
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

/// <summary>Refuses what a foreign web page makes a browser send, at loopback too: changes, plain forms among them, and reading by scripts, pictures and event streams. A link to the page works, and programs are not affected.</summary>
/// <remarks>Fetch Metadata first (https://web.dev/articles/fetch-metadata, "resource isolation policy"), the <c>Origin</c> header for older browsers: neither can be set by a page's script.
/// A page of another port of this machine is foreign too.</remarks>
internal static class SiteCheck
{
    /// <exception cref="ProblemException">Another site's page has sent the request.</exception>
    public static void Check(HttpContext context)
    {
        var request = context.Request;
        if (IsForeign(request) && !IsLink(request))
        {
            throw new ProblemException(StatusCodes.Status403Forbidden, "Request from another site",
                "A page of another web site has sent this. FedRec answers its own pages and programs; open the page by its own address, or send the request from a program.");
        }
    }

    /// <summary>Whether a browser says that a page of this server has sent the request.</summary>
    public static bool IsOwnPage(HttpRequest request) => !IsForeign(request) && (request.Headers["Sec-Fetch-Site"] == "same-origin" || request.Headers.Origin.Count > 0);

    private static bool IsForeign(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
        {
            return site is not ("same-origin" or "none");
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && origin != $"{request.Scheme}://{request.Host}";
    }

    // Somebody follows a link to a page: the other site learns nothing of what it shows, and can have no frame around it.
    private static bool IsLink(HttpRequest request) => (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";
}

/// <summary>Refuses changes while the store is away, at once and with the reason, instead of letting a grain find out.</summary>
internal static class StoreGate
{
    /// <summary>Says that an endpoint changes nothing, whatever its method.</summary>
    public static RouteHandlerBuilder ChangesNothing(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new Question());

    /// <exception cref="ProblemException">The request wants a change that cannot be stored.</exception>
    public static void Check(HttpContext context)
    {
        var method = context.Request.Method;
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && context.GetEndpoint()?.Metadata.GetMetadata<Question>() is null)
        {
            RequireStore(context.RequestServices);
        }
    }

    /// <exception cref="ProblemException">The store is away.</exception>
    public static void RequireStore(IServiceProvider services)
    {
        if (services.GetService<IStoreStatus>()?.Problem is { } problem)
        {
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable, "Store not available", problem);
        }
    }

    private sealed record Question;
}
