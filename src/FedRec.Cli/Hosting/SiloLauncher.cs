using FedRec.Grains.Models;
using FedRec.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Metadata;

namespace FedRec.Cli.Hosting;

/// <summary>Starts the silo of this process, with the web front end where it is wanted.</summary>
internal static class SiloLauncher
{
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="plan">What the verb needs.</param>
    /// <param name="stores">Where grains and models are kept.</param>
    /// <param name="opening">Connects the stores, which nobody asks before; gives what is stopped after the silo, null when there is nothing to stop.</param>
    /// <param name="lease">Given back after the store; told how to reach the silo. Null without a durable store.</param>
    /// <param name="cancellationToken">Gives up; nothing stays open.</param>
    public static async Task<FedRecSession> StartAsync(
        CommandContext context, SessionPlan plan, Stores stores, Task<StoreWatch?> opening, InstanceLease? lease, CancellationToken cancellationToken)
    {
        var ports = Ports(plan);
        var host = plan.WebPort is { } port ? WebHost(context, plan, port, ports, stores, opening) : PlainHost(context, plan, ports, stores);
        try
        {
            _ = host.Services.GetRequiredService<GrainTypeResolver>(); // the silo's types take a while too
            var store = await opening;
            if (plan.OnlyLooks && lease is not null && await FindIdleAsync(host, cancellationToken) is { } stored)
            {
                return new FedRecSession(host, store, lease, null, ownsSilo: true) { Stored = stored };
            }

            await stores.RemoveFormerMembersAsync(host.Services, cancellationToken);
            await host.StartAsync(cancellationToken);
            var web = host is WebApplication app ? WebFrontEnd.Address(app) : null;
            lease?.Publish(new Instance(Environment.ProcessId, plan.Verb, ports.Gateway, web?.ToString(), DateTimeOffset.UtcNow));
            return new FedRecSession(host, store, lease, web, ownsSilo: true);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    // Whoever has the store is alone with it; but only a silo knows how far a run is that another one has left behind.
    private static async Task<StoredModels?> FindIdleAsync(IHost host, CancellationToken cancellationToken)
    {
        var stored = host.Services.GetRequiredService<StoredModels>();
        return (await stored.ListFederationsAsync(cancellationToken)).All(federation => federation.ActiveRun is null) ? stored : null;
    }

    private static IHost PlainHost(CommandContext context, SessionPlan plan, (int Silo, int Gateway) ports, Stores stores)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddQuietHost(context);
        builder.AddFedRecSilo(context, plan, ports, stores);
        return builder.Build();
    }

    private static WebApplication WebHost(CommandContext context, SessionPlan plan, int port, (int Silo, int Gateway) ports, Stores stores, Task<StoreWatch?> opening)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.AddQuietHost(context);
        builder.AddFedRecSilo(context, plan, ports, stores);
        WebFrontEnd.Listen(builder, plan.Settings.Web, port);
        builder.Services.AddFedRecWeb(web =>
        {
            WebFrontEnd.Configure(web, plan.Settings.Web, context.Terminal.Folder);
            web.StoreProblem = () => opening.IsCompletedSuccessfully ? opening.Result?.Problem : null;
        });
        var app = builder.Build();
        app.MapFedRecApi();
        app.MapFedRecDashboard();
        return app;
    }

    private static (int Silo, int Gateway) Ports(SessionPlan plan)
    {
        var free = FreePorts.Find(2);
        var silo = plan.Settings.Silo;
        return (silo.SiloPort > 0 ? silo.SiloPort : free[0], silo.GatewayPort > 0 ? silo.GatewayPort : free[1]);
    }
}
