using System.Net;
using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts;
using FedRec.Grains;
using FedRec.Grains.Parties;
using FedRec.Grains.Recommendations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;

namespace FedRec.Hosting;

/// <summary>Puts a silo together: clustering on this machine, stores, grains and their options.</summary>
internal static class SiloSetup
{
    /// <summary>A fixed name: it is part of the keys of stored reminders.</summary>
    public const string ServiceId = "fedrec";

    /// <summary>The given name, or that of the cluster of this machine around the process that has the right to the store of a data folder.</summary>
    public static string ClusterId(FedRecOptions options) => options.Silo.Cluster is { Length: > 0 } name ? name
        : $"{Environment.MachineName}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(options.Data)).AsSpan(0, 4))}";

    /// <summary>Adds the silo to a host, with its store, which is opened before the silo starts and closed after it has stopped.</summary>
    /// <param name="builder">Of a plain or a web host.</param>
    /// <param name="options">Of the silo.</param>
    /// <param name="stores">Where grains and models are kept.</param>
    /// <param name="store">Opens and closes these.</param>
    /// <param name="resumesRuns">Whether the silo by itself goes on with runs that a crash left unfinished.</param>
    public static void AddSilo(this IHostApplicationBuilder builder, FedRecOptions options, Stores stores, Func<IServiceProvider, SiloStore> store, bool resumesRuns)
    {
        var ports = Ports(options.Silo);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton<IStoreStatus>(services => services.GetRequiredService<SiloStore>());
        builder.Services.AddHostedService(services => new StoreLifetime(services.GetRequiredService<SiloStore>(), services, ports.Gateway));
        builder.Services.AddSingleton(Options.Create(options.Training));
        builder.Services.AddSingleton(Options.Create(options.Models));
        builder.Services.TryAddSingleton<IAuditTrail>(_ => new AuditFiles(options.Data));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, serviceId: ServiceId, clusterId: ClusterId(options));
            silo.Configure<ClusterMembershipOptions>(FindLostSilosSoon);
            if (IPAddress.TryParse(options.Silo.Advertise, out var address))
            {
                silo.ConfigureEndpoints(address, ports.Silo, ports.Gateway);
            }

            SiloTls.AddTo(silo, options);

            // The states' own serializers: smaller than JSON, and they read every type that the states hold.
            silo.Services.AddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>(GrainsSetup.StorageName);
            stores.AddTo(silo);
            _ = SiloLabels.TryParse(options.Silo.Labels, out var labels); // checked with the options
            silo.Services.AddSingleton(SecretKeyFile.Of(options));
            silo.AddFedRecGrains(resumesRuns, options.Parts, labels);
        });
    }

    // A silo that was killed is found within seconds, and one that hangs soon after; by default that takes up to a minute and a half. A silo that is merely slow
    // is not taken for lost: Orleans asks others about it, and trusts its own probes less while it is itself busy.
    private static void FindLostSilosSoon(ClusterMembershipOptions membership)
    {
        (membership.ProbeTimeout, membership.NumMissedProbesLimit) = (TimeSpan.FromSeconds(1), 2);
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(2.5); // no silo is voted out before one probe more than NumMissedProbesLimit such times after its last word
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        (membership.IAmAliveTablePublishTimeout, membership.NumMissedTableIAmAliveLimit) = (TimeSpan.FromSeconds(5), 2); // whoever joins does not wait for the dead
    }

    private static (int Silo, int Gateway) Ports(SiloOptions silo)
    {
        var free = FreePorts.Find(2);
        return (silo.SiloPort > 0 ? silo.SiloPort : free[0], silo.GatewayPort > 0 ? silo.GatewayPort : free[1]);
    }

    /// <summary>Opens the store before anything of the host starts, and closes it after everything has stopped: a silo writes while it stops.</summary>
    private sealed class StoreLifetime(SiloStore store, IServiceProvider services, int gatewayPort) : IHostedLifecycleService
    {
        public async Task StartingAsync(CancellationToken cancellationToken)
        {
            store.Acquire();
            await store.OpenAsync(cancellationToken);
            if (store.IsFirst)
            {
                await store.Stores.RemoveFormerMembersAsync(services, cancellationToken);
            }
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            store.Publish([gatewayPort]);
            return Task.CompletedTask;
        }

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StoppedAsync(CancellationToken cancellationToken) => await store.DisposeAsync();
    }
}
