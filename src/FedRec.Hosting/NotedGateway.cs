using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Messaging;

namespace FedRec.Hosting;

/// <summary>Finds the silo of this machine that has a store by the note that its process leaves beside the store, at every look: its port is another one at
/// every start.</summary>
internal sealed class NotedGateway(FedRecOptions options) : IGatewayListProvider
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);
    private readonly string _store = Stores.NameOf(options.Storage, options.Storage.ResolvedKind);

    /// <inheritdoc/>
    public TimeSpan MaxStaleness { get; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public bool IsUpdatable => true;

    /// <summary>Lets a client of the cluster find its silo so.</summary>
    public static void AddTo(IClientBuilder client, FedRecOptions options)
    {
        client.Services.AddSingleton<IGatewayListProvider>(new NotedGateway(options));
        client.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (SiloSetup.ServiceId, SiloSetup.ClusterId(options.Data)));
        client.UseConnectionRetryFilter(new Patience(options).RetryAsync);
    }

    /// <inheritdoc/>
    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IList<Uri>> GetGateways()
    {
        IList<Uri> found = InstanceLease.Read(options.Data, _store) is { } owner ? [new Uri($"gwy.tcp://127.0.0.1:{owner.GatewayPort}/0")] : [];
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
                throw new StorageSetupException($"No FedRec process of this machine has the store in {options.Data}.",
                    "Start it ('fedrec serve', or the host that has the silo), or give this client the store of that process (FedRec:Storage).", exception);
            }

            await Task.Delay(s_poll, cancellationToken);
            return true;
        }
    }
}
