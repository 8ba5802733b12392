using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

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
