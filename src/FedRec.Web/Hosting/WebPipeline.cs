using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace FedRec.Web.Hosting;

/// <summary>Puts the security headers and the answers to unknown addresses around the whole host, so that no host can forget them.</summary>
internal sealed class WebPipeline : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(SecurityHeaders.AddAsync);
        app.UseStatusCodePages(); // as problem details
        next(app);
    };
}
