using Azure.Storage.Blobs;
using Orleans.Configuration;

namespace FedRec.Storage.GrainStates;

/// <summary>Grain states in Azure Blob storage, by the official provider on containers that know more than it does.</summary>
public static class GrainStateStorage
{
    /// <summary>Longest time of one attempt to reach the store: three of them end before a grain call, which waits 30 s, gives up.</summary>
    public static TimeSpan AttemptTimeout { get; } = TimeSpan.FromSeconds(8);

    /// <summary>Adds the storage to a silo.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="name">The provider's name, which grains ask for.</param>
    /// <param name="connect">Makes a client of the store, see <see cref="AttemptTimeout"/>; called when the storage is first needed.</param>
    /// <param name="container">Holds the states; created when it is missing.</param>
    /// <param name="configure">Changes the official options last.</param>
    public static ISiloBuilder AddGrainStates(
        this ISiloBuilder silo, string name, Func<BlobServiceClient> connect, string container, Action<AzureBlobStorageOptions>? configure = null) =>
        silo.AddAzureBlobGrainStorage(name, (AzureBlobStorageOptions options) =>
        {
            var client = new Lazy<BlobServiceClient>(connect);
#pragma warning disable CS0618 // obsolete in Orleans, but a host makes its services before it starts them, and where an emulator listens is known only then
            options.ConfigureBlobServiceClient(() => Task.FromResult(client.Value));
#pragma warning restore CS0618
            options.ContainerName = container;
            options.BuildContainerFactory = (_, built) => new StateContainers(name, new Lazy<BlobContainerClient>(() => client.Value.GetBlobContainerClient(built.ContainerName)));
            configure?.Invoke(options);
        });
}
