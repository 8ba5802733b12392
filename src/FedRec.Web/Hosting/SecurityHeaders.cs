using Microsoft.AspNetCore.Http;

namespace FedRec.Web.Hosting;

/// <summary>Headers of everything this library serves, and of what nobody does; other endpoints of the host keep their own.</summary>
internal static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static Task AddAsync(HttpContext context, RequestDelegate next)
    {
        // Late, because the error answers clear the headers that were set before them.
        context.Response.OnStarting(Add, context);
        return next(context);
    }

    private static Task Add(object state)
    {
        var context = (HttpContext)state;
        if (!OurAddresses.Contain(context.Request.Path) && context.GetEndpoint() is not null)
        {
            return Task.CompletedTask; // the host's own
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = headers.CacheControl.Count > 0 ? headers.CacheControl : "no-store"; // answers name people's items
        return Task.CompletedTask;
    }
}
