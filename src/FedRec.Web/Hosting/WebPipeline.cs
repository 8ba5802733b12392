using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace FedRec.Web.Hosting;

/// <summary>Puts what holds for every address below a prefix before the host's routing, so that no host can forget it; the host's own requests pass it untouched.</summary>
internal sealed class WebPipeline(Mounts mounts) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) => ExactPath.SetAsync(context, mounts, following));
        app.UseWhen(context => mounts.Find(context.Request.Path) is not null, ours =>
        {
            ours.Use(SecurityHeaders.AddAsync);
            ours.Use(ExactPath.CheckAsync);
            ProblemAnswers.ForEmptyAnswers(ours);
        });
        next(app);
    };
}

/// <summary>Headers of every answer below a prefix.</summary>
internal static class SecurityHeaders
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; " + Rest;
    private const string Rest = "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static readonly object s_nonce = new();
    private static readonly object s_added = new();

    /// <summary>Lets a page run the scripts of a nonce, and inline styles: for a page that is not written here.</summary>
    public static void AllowNonce(HttpContext context, string nonce) => context.Items[s_nonce] = nonce;

    public static Task AddAsync(HttpContext context, RequestDelegate next)
    {
        Ensure(context);
        return next(context);
    }

    /// <summary>Adds them where that was not done before routing, as in a host that is itself below a path.</summary>
    public static void Ensure(HttpContext context)
    {
        if (context.Items.TryAdd(s_added, s_added))
        {
            context.Response.OnStarting(Add, context); // late, because the error answers clear the headers that were set before them
        }
    }

    private static Task Add(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Items[s_nonce] is string nonce
            ? $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; {Rest}" : Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = headers.CacheControl.Count > 0 ? headers.CacheControl : "no-store"; // answers name people's items
        return Task.CompletedTask;
    }
}
