using FedRec.Web.Api;
using FedRec.Web.Dashboard;
using FedRec.Web.Dashboard.Overview;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FedRec.Web;

/// <summary>Registers what the API and the dashboard need.</summary>
public static class FedRecWebServices
{
    // The longest wait that IRunGrain.ReadEventsAsync allows.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(20);

    /// <summary>Adds the API and the dashboard; the host brings an <see cref="IGrainFactory"/>.</summary>
    /// <param name="services">Services of the host.</param>
    /// <param name="configure">Changes the defaults.</param>
    public static IServiceCollection AddFedRecWeb(this IServiceCollection services, Action<FedRecWebOptions>? configure = null)
    {
        services.AddOptions<FedRecWebOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(o => o.Heartbeat > TimeSpan.Zero && o.Heartbeat <= s_longestWait, "Heartbeat must be above 0 and at most 20 s.")
            .Validate(o => o.ReadyTimeout > TimeSpan.Zero, "ReadyTimeout must be above 0.")
            .Validate(o => o.DataRoot is null || Directory.Exists(o.DataRoot), "DataRoot must be an existing folder.")
            .ValidateOnStart();
        AddApi(services);
        AddDashboard(services);
        services.AddSingleton<IStartupFilter, WebPipeline>();
        return services;
    }

    private static void AddApi(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(ApiJson.Configure);
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true); // so that the reason reaches the caller
        services.AddSingleton<ProblemAnswers>();
        services.AddOpenApi("v1", ApiDocument.Configure);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<FederationSelector>();
        services.AddSingleton<DataRoot>();
    }

    private static void AddDashboard(IServiceCollection services)
    {
        services.AddScoped<HtmlRenderer>();
        services.AddScoped<PageRenderer>();
        services.AddSingleton<OverviewQuery>();
    }
}
