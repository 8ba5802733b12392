using Azure.Data.Tables;
using FedRec.Storage;
using FedRec.Storage.Clusters;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Messaging;

namespace FedRec.Hosting;

/// <summary>Finds the silo of this machine that has a store by the note that its process leaves beside the store, at every look: its port is another one at
/// every start.</summary>
internal sealed class NotedGateway(FedRecOptions options, string store) : IGatewayListProvider
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public TimeSpan MaxStaleness { get; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public bool IsUpdatable => true;

    /// <summary>Lets a client of the cluster find its silos so, or in the table of members where the cluster has a name.</summary>
    /// <param name="client">The client.</param>
    /// <param name="options">Where the store is.</param>
    /// <param name="store">Name of the store; null for that of the options.</param>
    public static void AddTo(IClientBuilder client, FedRecOptions options, string? store = null)
    {
        if (options.Silo.Cluster.Length > 0)
        {
            AddTo(client, options, () => TableClients.Create(options.Storage.ConnectionString));
            return;
        }

        client.Services.AddSingleton<IGatewayListProvider>(new NotedGateway(options, store ?? Stores.NameOf(options.Storage, options.Storage.ResolvedKind)));
        AddCommon(client, options);
    }

    /// <summary>Lets a client of the cluster find its silos among the members, so that it soon leaves one that was lost, be it that it only hangs.</summary>
    /// <param name="client">The client.</param>
    /// <param name="options">Of the cluster.</param>
    /// <param name="tables">Where the members are.</param>
    public static void AddTo(IClientBuilder client, FedRecOptions options, Func<TableServiceClient> tables)
    {
        client.UseMemberTable(tables);
        client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
        AddCommon(client, options);
    }

    private static void AddCommon(IClientBuilder client, FedRecOptions options)
    {
        client.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (SiloSetup.ServiceId, SiloSetup.ClusterId(options)));
        SiloTls.AddTo(client, options);
        client.UseConnectionRetryFilter(new Patience(options).RetryAsync);
    }

    /// <inheritdoc/>
    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IList<Uri>> GetGateways()
    {
        IList<Uri> found = [.. (InstanceLease.Read(options.Data, store)?.GatewayPorts ?? []).Select(port => new Uri($"gwy.tcp://127.0.0.1:{port}/0"))];
        return Task.FromResult(found);
    }

    // The first connection: the silo may still be starting.
    private sealed class Patience(FedRecOptions options)
    {
        private readonly long _since = TimeProvider.System.GetTimestamp();

        public async Task<bool> RetryAsync(Exception exception, CancellationToken cancellationToken)
        {
            if (exception is not (SiloUnavailableException or ConnectionFailedException))
            {
                return false;
            }

            if (TimeProvider.System.GetElapsedTime(_since) > s_patience)
            {
                throw options.Silo.Cluster is { Length: > 0 } cluster
                    ? new StorageSetupException($"No silo of the cluster {cluster} answers.", "Start one ('fedrec silo' or 'fedrec serve' with the same FedRec:Silo:Cluster and storage).", exception)
                    : new StorageSetupException($"No FedRec process of this machine has the store in {options.Data}.",
                    "Start it ('fedrec serve', or the host that has the silo), or give this client the store of that process (FedRec:Storage).", exception);
            }

            await Task.Delay(s_poll, cancellationToken);
            return true;
        }
    }
}
