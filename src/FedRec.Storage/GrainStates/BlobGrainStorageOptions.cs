using Azure.Storage.Blobs;
using Orleans.Storage;

namespace FedRec.Storage.GrainStates;

/// <summary>Where and how grain states are kept; names and defaults as in Microsoft.Orleans.Persistence.AzureStorage.</summary>
public sealed class BlobGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>Connection string of the store; not used when <see cref="BlobServiceClient"/> is given.</summary>
    [RedactConnectionString]
    public string? ConnectionString { get; set; }

    /// <summary>Client of the store, with timeouts of its own choice. Default: one is made from <see cref="ConnectionString"/>,
    /// whose three attempts of <see cref="AttemptTimeout"/> end before a grain call gives up.</summary>
    public BlobServiceClient? BlobServiceClient { get; set; }

    /// <summary>Longest time of one attempt of a client made from <see cref="ConnectionString"/>. Default: 8 s, as a grain call waits 30 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>Changes the options of a client made from <see cref="ConnectionString"/>. Default: nothing.</summary>
    public Action<BlobClientOptions>? ConfigureClient { get; set; }

    /// <summary>Container of the states; created when it is missing. Default: <c>grainstate</c>.</summary>
    public string ContainerName { get; set; } = "grainstate";

    /// <summary>Whether clearing a state deletes its blob; otherwise an empty blob stays, and with it the history of ETags. Default: true.</summary>
    public bool DeleteStateOnClear { get; set; } = true;

    /// <summary>Stage of the silo's start in which the container is created. Default: <c>ServiceLifecycleStage.ApplicationServices</c>.</summary>
    public int InitStage { get; set; } = ServiceLifecycleStage.ApplicationServices;

    /// <summary>Turns states into bytes. Default: the serializer registered under the provider's name, else the silo's, which is JSON.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!; // set when the options are built

    internal BlobServiceClient CreateClient() => BlobServiceClient ?? BlobClients.Create(ConnectionString!, AttemptTimeout, ConfigureClient);
}
