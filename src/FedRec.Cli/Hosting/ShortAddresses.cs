using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FedRec.Cli.Hosting;

/// <summary>This program serves nothing but FedRec: <c>/api/v1</c>, <c>/health</c> and all others are short for the same below the prefix, and <c>/</c> leads to the page.</summary>
internal sealed class ShortAddresses : IStartupFilter
{
    /// <summary>Where the pages and the API are.</summary>
    public const string Prefix = "/fedrec";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(LengthenAsync);
        next(app);
    };

    private static Task LengthenAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.Path == "/" && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
        {
            context.Response.Redirect(Prefix);
            return Task.CompletedTask;
        }

        if (!request.Path.StartsWithSegments(Prefix) && context.Features.Get<IHttpRequestFeature>() is { } sent)
        {
            var host = sent.RawTarget.IndexOf("://", StringComparison.Ordinal); // a proxy sends the whole address
            var path = host < 0 ? 0 : sent.RawTarget.IndexOf('/', host + 3);
            sent.RawTarget = path < 0 ? sent.RawTarget + Prefix : sent.RawTarget.Insert(path, Prefix);
            request.Path = new PathString(Prefix).Add(request.Path);
        }

        return next(context);
    }
}
