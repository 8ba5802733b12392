using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace FedRec.Web.Hosting;

/// <summary>Puts what holds for every request around the whole host, so that no host can forget it.</summary>
internal sealed class WebPipeline : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(SecurityHeaders.AddAsync);
        app.Use(ExactPath.SetAsync);
        app.Use(HostCheck.CheckAsync);
        ProblemAnswers.ForEmptyAnswers(app);
        next(app);
    };
}

/// <summary>Addresses that this library answers; what else a host serves is its own.</summary>
internal static class OurAddresses
{
    private static readonly PathString[] s_prefixes = ["/fedrec", "/api/v1", "/health", "/openapi"];

    public static bool Contain(PathString path) => path == "/" || Array.Exists(s_prefixes, prefix => path.StartsWithSegments(prefix));
}
