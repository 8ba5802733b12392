using FedRec.Cli.Configuration;
using FedRec.Grains.Federations;
using FedRec.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedRec.Cli.Hosting;

/// <summary>A way to the grains for the length of a command: a silo of its own, or a client of the one that owns the store.</summary>
internal sealed class FedRecSession : IAsyncDisposable
{
    private static readonly TimeSpan s_stopTime = TimeSpan.FromSeconds(15);
    private readonly IHost _host;
    private readonly SiloStore? _store;

    /// <summary>Takes over a started host, and the store that must outlive it.</summary>
    internal FedRecSession(IHost host, SiloStore? store, Uri? web, bool ownsSilo)
    {
        (_host, _store, Web, OwnsSilo) = (host, store, web, ownsSilo);
    }

    /// <summary>The grains; a session that reads what is <see cref="Stored"/> has none that answer.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>What is stored, where the silo was not started; see <see cref="SessionPlan.OnlyLooks"/>.</summary>
    internal StoredModels? Stored { get; init; }

    /// <summary>Federations and their models.</summary>
    public IModelReader Models => Stored ?? (IModelReader)new AskedModels(Grains);

    /// <summary>The web front end of the silo; null when it has none.</summary>
    public Uri? Web { get; }

    /// <summary>Where parties come in to whoever has the silo; null where nothing is known of that.</summary>
    public PartyAddress? Parties { get; init; }

    /// <summary>False when another process trains and this one only asks.</summary>
    public bool OwnsSilo { get; }

    /// <summary>Opens the store and the silo, or joins the process that has them.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="plan">What the verb needs.</param>
    /// <param name="cancellationToken">Gives up; nothing stays open.</param>
    /// <exception cref="CliException">A port is taken, or the process that has the store does not answer.</exception>
    /// <exception cref="StorageSetupException">The store cannot be reached.</exception>
    public static async Task<FedRecSession> OpenAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Storage == "memory")
        {
            return await StartAsync(context, plan, StoreAccess.StoreOf(context, plan), cancellationToken);
        }

        if (plan.Joins)
        {
            return await StartAsync(context, plan, StoreAccess.StoreOf(context, plan), cancellationToken);
        }

        if (plan.Settings.Silo.Cluster.Length > 0)
        {
            return await StoreAccess.ConnectNamedAsync(context, plan, cancellationToken);
        }

        var access = await StoreAccess.TakeAsync(context, plan, cancellationToken);
        return access.Owner is { } owner
            ? await StoreAccess.ConnectAsync(context, plan.Store, $"'{owner.Program}' (process {owner.ProcessId})", cancellationToken, owner)
            : await StartAsync(context, plan, StoreAccess.StoreOf(context, plan).Holding(access.Lease), cancellationToken);
    }

    private static async Task<FedRecSession> StartAsync(CommandContext context, SessionPlan plan, SiloStore store, CancellationToken cancellationToken)
    {
        try
        {
            WebFrontEnd.RequireFree(plan.WebPort);
            _ = store.OpenAsync(cancellationToken); // an emulator starts while the silo is put together
            return await SiloLauncher.StartAsync(context, plan, store, cancellationToken);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>See <see cref="WebFrontEnd.DrainAsync"/>.</summary>
    public Task DrainAsync(CommandContext context) => WebFrontEnd.DrainAsync(context, _host.Services);

    /// <summary>The store of this process's silo.</summary>
    public SiloStore Store => _host.Services.GetRequiredService<SiloStore>();

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
            await _store.DisposeAsync(); // a host that was not started has not closed it
        }
    }
}

/// <summary>What a verb needs of the cluster.</summary>
/// <param name="Verb">Name of the verb, told to other processes that want the store.</param>
/// <param name="Settings">The resolved configuration.</param>
/// <param name="Storage"><c>azurite</c>, <c>blob</c> or <c>memory</c>.</param>
internal sealed record SessionPlan(string Verb, FedRecSettings Settings, string Storage)
{
    /// <summary>Also starts the web front end on this port; null without.</summary>
    public int? WebPort { get; init; }

    /// <summary>True for work that must not end with a passing command's silo: waits for such an owner instead of joining it.</summary>
    public bool TrainsLong { get; init; }

    /// <summary>True for a verb that only looks at models: where nothing trains they are read from a durable store, without starting the silo.</summary>
    public bool OnlyLooks { get; init; }

    /// <summary>True for a process that stays and serves: it goes on with every run that a crash left unfinished. Others go on only with a run that
    /// they are told to train.</summary>
    public bool Stays { get; init; }

    /// <summary>True for a silo that joins others: of the process that has the store, or of a named cluster.</summary>
    public bool Joins { get; init; }

    /// <summary>True for a silo that joins as the first of its cluster.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Names the store for other processes; see <see cref="Stores.NameOf"/>.</summary>
    public string Store => Stores.NameOf(Settings.Storage, Storage);
}
