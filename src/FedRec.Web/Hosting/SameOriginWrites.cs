using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;

namespace FedRec.Web.Hosting;

/// <summary>Refuses changes that a foreign web page makes a browser send; programs are not affected.</summary>
/// <remarks>Fetch Metadata first, the <c>Origin</c> header for older browsers: neither can be set by a page's script.</remarks>
internal static class SameOriginWrites
{
    public static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && IsForeign(request))
        {
            throw new ProblemException(StatusCodes.Status403Forbidden, "Request from another site",
                "Changes are accepted from FedRec's own pages and from programs, not from other web sites.");
        }

        return next(context);
    }

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
}
