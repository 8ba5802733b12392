using FedRec.Contracts;
using FedRec.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedRec.Cli.Hosting;

/// <summary>A cluster of this machine: its store, its silos in processes of their own, and a web front end that is their client.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private readonly SiloStore _store;
    private readonly List<SiloProcess> _silos = [];
    private WebApplication? _front;

    private LocalCluster(SiloStore store) => _store = store;

    /// <summary>The silos, from the first on.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>Root of the web front end.</summary>
    public Uri Web => _store.Web()!;

    /// <summary>Opens the store, starts the silos and then what they are reached by.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="plan">What the verb needs.</param>
    /// <param name="store">Held by this process; closed with the cluster.</param>
    /// <param name="count">Silos, at least 1.</param>
    /// <param name="cancellationToken">Gives up; nothing stays.</param>
    /// <exception cref="CliException">A port is taken, or a silo does not start.</exception>
    /// <exception cref="StorageSetupException">The store cannot be opened.</exception>
    public static async Task<LocalCluster> StartAsync(CommandContext context, SessionPlan plan, SiloStore store, int count, CancellationToken cancellationToken)
    {
        var cluster = new LocalCluster(store);
        try
        {
            WebFrontEnd.RequireFree(plan.WebPort);
            await store.OpenAsync(cancellationToken);
            var ports = FreePorts.Find(2 * count);
            cluster._silos.AddRange(Enumerable.Range(0, count).Select(i => new SiloProcess(context, plan, i + 1, (ports[2 * i], ports[(2 * i) + 1]))));
            await cluster._silos[0].StartAsync(isFirst: true, cancellationToken);
            await Task.WhenAll(cluster._silos.Skip(1).Select(silo => silo.StartAsync(isFirst: false, cancellationToken)));
            cluster._front = FrontEnd(context, plan, store);
            await cluster._front.StartAsync(cancellationToken);
            store.Publish([.. Enumerable.Range(0, count).Select(i => ports[(2 * i) + 1])]);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Done when somebody asks the cluster to end: by the token, or from another process.</summary>
    public async Task UntilStopRequestedAsync(CancellationToken cancellationToken)
    {
        using var look = new PeriodicTimer(s_look);
        while (!_store.IsStopRequested)
        {
            try
            {
                await look.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>See <see cref="WebFrontEnd.DrainAsync"/>.</summary>
    public Task DrainAsync(CommandContext context) => WebFrontEnd.DrainAsync(context, _front!.Services);

    /// <summary>Ends what callers reach first, then the silos one after the other, so that the last ones take over what the others hand on, and then the store.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.ReleaseAsync();
        }

        if (_front is { } front)
        {
            await front.StopAsync();
            await front.DisposeAsync();
        }

        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        await _store.DisposeAsync();
    }

    private static WebApplication FrontEnd(CommandContext context, SessionPlan plan, SiloStore store)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.AddQuietLog(context);
        builder.UseOrleansClient(client => NotedGateway.AddTo(client, plan.Settings.Host, () => store.Stores.Tables));
        builder.Services.AddSingleton<IStoreStatus>(store);
        return SiloLauncher.BuildFrontEnd(builder, context, plan, store);
    }
}
