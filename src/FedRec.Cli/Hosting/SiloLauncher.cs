using System.Net;
using FedRec.Cli.Configuration;
using FedRec.Grains.Federations;
using FedRec.Hosting;
using FedRec.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Metadata;

namespace FedRec.Cli.Hosting;

/// <summary>Starts the silo of this process, with the web front end where it is wanted.</summary>
internal static class SiloLauncher
{
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="plan">What the verb needs.</param>
    /// <param name="store">Where grains and models are kept; may be opening. It is the caller's where this fails.</param>
    /// <param name="cancellationToken">Gives up; the host does not stay.</param>
    public static async Task<FedRecSession> StartAsync(CommandContext context, SessionPlan plan, SiloStore store, CancellationToken cancellationToken)
    {
        WarnOfOtherMachines(context, plan.Settings);
        var host = plan.WebPort is not null ? WebHost(context, plan, store) : PlainHost(context, plan, store);
        try
        {
            _ = host.Services.GetRequiredService<GrainTypeResolver>(); // the silo's types take a while too
            await store.OpenAsync(cancellationToken);
            if (plan.OnlyLooks && store.Stores.IsDurable && await FindIdleAsync(host, cancellationToken) is { } stored)
            {
                return new FedRecSession(host, store, null, ownsSilo: true) { Stored = stored };
            }

            await host.StartAsync(cancellationToken);
            return new FedRecSession(host, store, store.Web(), ownsSilo: true) { Parties = store.Parties };
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private static void WarnOfOtherMachines(CommandContext context, FedRecSettings settings)
    {
        var (silo, tls) = (settings.Silo, settings.Host.Tls);
        if (silo.Advertise.Length > 0 && !tls.IsOn && !IPAddress.IsLoopback(IPAddress.Parse(silo.Advertise)))
        {
            context.Terminal.Error.WriteLine($"WARNING: the silo listens on {silo.Advertise}, without encryption and without asking who is there: whoever reaches its ports reads and changes everything. Let only the cluster's machines reach them, or set FedRec:Silo:Tls.");
        }
    }

    // Whoever has the store is alone with it; but only a silo knows how far a run is that another one has left behind.
    private static async Task<StoredModels?> FindIdleAsync(IHost host, CancellationToken cancellationToken)
    {
        var stored = host.Services.GetRequiredService<StoredModels>();
        return (await stored.ListFederationsAsync(cancellationToken)).All(federation => federation.ActiveRun is null) ? stored : null;
    }

    private static IHost PlainHost(CommandContext context, SessionPlan plan, SiloStore store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        AddSilo(builder, context, plan, store);
        return builder.Build();
    }

    private static WebApplication WebHost(CommandContext context, SessionPlan plan, SiloStore store)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        AddSilo(builder, context, plan, store);
        return BuildFrontEnd(builder, context, plan, store);
    }

    /// <summary>The web front end of a host that has the grains, be it by a silo of its own or as a client.</summary>
    public static WebApplication BuildFrontEnd(WebApplicationBuilder builder, CommandContext context, SessionPlan plan, SiloStore store)
    {
        WebFrontEnd.Listen(builder, plan.Settings.Web, plan.WebPort!.Value);
        PartyDoor.Listen(builder, context);
        builder.Services.AddSingleton<IStartupFilter, ShortAddresses>();
        builder.Services.AddFedRecWeb(web =>
        {
            WebFrontEnd.Configure(web, context);
            web.Access.LoginKeysFolder = plan.Settings.Web.LoginKeys.Length > 0 ? context.FullPath(plan.Settings.Web.LoginKeys) : plan.Storage == "azurite" ? Path.Combine(context.DataFolder, "web-logins") : "";
        });
        var app = builder.Build();
        app.MapFedRec(ShortAddresses.Prefix);
        (store.Web, store.Parties) = (() => WebFrontEnd.Address(app), PartyDoor.Address(context));
        return app;
    }

    private static void AddSilo(IHostApplicationBuilder builder, CommandContext context, SessionPlan plan, SiloStore store)
    {
        builder.AddQuietLog(context);
        builder.AddSilo(plan.Settings.Host, store.Stores, _ => store, resumesRuns: plan.Stays);
    }
}
