using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts;
using FedRec.Grains;
using FedRec.Grains.Recommendations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace FedRec.Hosting;

/// <summary>Puts a silo together: clustering on this machine, stores, grains and their options.</summary>
internal static class SiloSetup
{
    /// <summary>A fixed name: it is part of the keys of stored reminders.</summary>
    public const string ServiceId = "fedrec";

    /// <summary>A cluster here is one process at a time: the one of this machine that has the right to the store of a data folder.</summary>
    /// <param name="dataFolder">The data folder.</param>
    public static string ClusterId(string dataFolder) =>
        $"{Environment.MachineName}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)).AsSpan(0, 4))}";

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
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, serviceId: ServiceId, clusterId: ClusterId(options.Data));
            // The states' own serializers: smaller than JSON, and they read every type that the states hold.
            silo.Services.AddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>(GrainsSetup.StorageName);
            stores.AddTo(silo);
            silo.AddFedRecGrains(resumesRuns, options.Parts);
        });
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
            await store.Stores.RemoveFormerMembersAsync(services, cancellationToken);
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            store.Publish(gatewayPort);
            return Task.CompletedTask;
        }

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StoppedAsync(CancellationToken cancellationToken) => await store.DisposeAsync();
    }
}
