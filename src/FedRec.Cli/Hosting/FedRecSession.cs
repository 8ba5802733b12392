using FedRec.Grains.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedRec.Cli.Hosting;

/// <summary>A way to the grains for the length of a command: a silo of its own, or a client of the one that owns the store.</summary>
internal sealed class FedRecSession : IAsyncDisposable
{
    private static readonly TimeSpan s_stopTime = TimeSpan.FromSeconds(15);
    private readonly IHost _host;
    private readonly IAsyncDisposable? _store;
    private readonly IDisposable? _lease;

    /// <summary>Takes over a started host and what must outlive it.</summary>
    internal FedRecSession(IHost host, IAsyncDisposable? store, IDisposable? lease, Uri? web, bool ownsSilo)
    {
        (_host, _store, _lease, Web, OwnsSilo) = (host, store, lease, web, ownsSilo);
    }

    /// <summary>The grains; a session that reads what is <see cref="Stored"/> has none that answer.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>What is stored, where the silo was not started; see <see cref="SessionPlan.OnlyLooks"/>.</summary>
    internal StoredModels? Stored { get; init; }

    /// <summary>Federations and their models.</summary>
    public IModelReader Models => Stored ?? (IModelReader)new AskedModels(Grains);

    /// <summary>The web front end of the silo; null when it has none.</summary>
    public Uri? Web { get; }

    /// <summary>False when another process trains and this one only asks.</summary>
    public bool OwnsSilo { get; }

    /// <summary>Opens the store and the silo, or joins the process that has them.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="plan">What the verb needs.</param>
    /// <param name="cancellationToken">Gives up; nothing stays open.</param>
    /// <exception cref="CliException">The store cannot be reached, or a port is taken.</exception>
    public static async Task<FedRecSession> OpenAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Storage == "memory")
        {
            return await StartAsync(context, plan, null, cancellationToken);
        }

        var access = await StoreAccess.TakeAsync(context, plan, cancellationToken);
        return access.Owner is { } owner
            ? await ClusterClient.ConnectAsync(owner, DataHome.Folder(context.Terminal), cancellationToken)
            : await StartAsync(context, plan, access.Lease, cancellationToken);
    }

    private static async Task<FedRecSession> StartAsync(CommandContext context, SessionPlan plan, InstanceLease? lease, CancellationToken cancellationToken)
    {
        using var failure = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (stores, opening) = (Stores.Of(plan), Task.FromResult<StoreWatch?>(null));
        try
        {
            WebFrontEnd.RequireFree(plan.WebPort);
            opening = StoreOwner.OpenAsync(context, plan, stores, failure.Token); // an emulator starts while the silo is put together
            return await SiloLauncher.StartAsync(context, plan, stores, opening, lease, cancellationToken);
        }
        catch
        {
            await failure.CancelAsync();
            await StopAsync(opening);
            lease?.Dispose();
            throw;
        }
    }

    // A store that did not open has told why, or was given up for another failure.
    private static async Task StopAsync(Task<StoreWatch?> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully && await opening is { } running)
        {
            await running.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(s_stopTime);
        await _host.StopAsync(limit.Token);
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync(); // after the silo, which still writes while it stops
        }

        _lease?.Dispose();
    }
}
