using Microsoft.AspNetCore.Http;

namespace FedRec.Web.Hosting;

/// <summary>Headers of everything this library serves; other endpoints of the host keep their own.</summary>
internal static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly PathString[] s_ours = ["/fedrec", "/api/v1", "/health", "/openapi"];

    public static Task AddAsync(HttpContext context, RequestDelegate next)
    {
        if (IsOurs(context.Request.Path))
        {
            // Late, because the error answers clear the headers that were set before them.
            context.Response.OnStarting(Add, context.Response);
        }

        return next(context);
    }

    private static bool IsOurs(PathString path) => path == "/" || Array.Exists(s_ours, prefix => path.StartsWithSegments(prefix));

    private static Task Add(object state)
    {
        var headers = ((HttpResponse)state).Headers;
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
