using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

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
