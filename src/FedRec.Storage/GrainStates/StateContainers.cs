using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Core.Snapshots;
using FedRec.Storage.Encryption;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;

namespace FedRec.Storage.GrainStates;

/// <summary>Gives the official provider its container, as each grain is to see it.</summary>
/// <param name="provider">Name of the grain storage, for messages.</param>
/// <param name="container">Holds all states; made when it is first needed.</param>
/// <param name="damaged">What is read where a state of this name is damaged.</param>
/// <param name="cipher">Encrypts them.</param>
/// <param name="log">Told of damage.</param>
/// <remarks>Here is all that the official provider (Microsoft.Orleans.Persistence.AzureStorage 10.4) is weaker in: a write whose answer was
/// lost fails as a conflict with itself; damaged bytes are read as a state; names are not checked, so that two grains may share a blob;
/// a deletion takes a state that it never read. What is stored and not
/// encrypted can be read without this adapter, and the other way round.</remarks>
internal sealed class StateContainers(string provider, Lazy<BlobContainerClient> container, Func<string, DamagedState> damaged, BlobCipher cipher, ILogger log) : IBlobContainerFactory
{
    public async Task InitializeAsync(BlobServiceClient client)
    {
        try
        {
            await container.Value.CreateIfNotExistsAsync();
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            throw new IOException($"The grain storage '{provider}' cannot use {container.Value.Uri}: {e.Message} Is the store running, and does the connection string name it?", e);
        }
    }

    public BlobContainerClient GetBlobContainerClient(GrainId grainId) => new OneGrain(this, container.Value, grainId);

    private StateBlob StateOf(BlobClient blob, string state, BlobClient copy) => new(blob, damaged(state), copy, cipher, log);

    // The Azure clients are made to be derived from; the provider calls nothing but what is overridden here.
    private sealed class OneGrain(StateContainers states, BlobContainerClient container, GrainId grain) : BlobContainerClient
    {
        public override string Name => container.Name;

        public override BlobClient GetBlobClient(string blobName)
        {
            var name = BlobNames.For(blobName, grain);
            return states.StateOf(container.GetBlobClient(name), BlobNames.StateOf(blobName, grain), container.GetBlobClient(BlobNames.CopyOf(name)));
        }

        public override Task<Response<BlobContainerInfo>> CreateIfNotExistsAsync(
            PublicAccessType publicAccessType, IDictionary<string, string>? metadata, BlobContainerEncryptionScopeOptions? encryptionScopeOptions, CancellationToken cancellationToken) =>
            container.CreateIfNotExistsAsync(publicAccessType, metadata, encryptionScopeOptions, cancellationToken);
    }
}

/// <summary>Which blob holds which state.</summary>
internal static class BlobNames
{
    private const int MaxLength = 1024 - 5; // the copy's name is longer

    /// <summary>The official name, <c>{stateName}-{grainId}.json</c>, or a hash when the store could not tell that name from another one.</summary>
    /// <param name="official">The official name.</param>
    /// <param name="grainId">The grain, whose id is the end of that name.</param>
    /// <remarks>A grain key is any text, also one from outside. In an address the segment <c>..</c> means the folder above, so two grains,
    /// or a grain and another container, would share a blob. A grain id always has a slash and the hashed form never, so they do not meet.</remarks>
    public static string For(string official, GrainId grainId)
    {
        if (IsSafe(official))
        {
            return official;
        }

        return $"{StateOf(official, grainId)}-sha256-{Safetensors.Sha256(Encoding.UTF8.GetBytes(grainId.ToString()))}.json";
    }

    /// <summary>The state's name, with which the official name begins.</summary>
    public static string StateOf(string official, GrainId grainId) => official[..^$"-{grainId}.json".Length];

    /// <summary>Where the copy of a state is that is kept twice: no state's own name ends like this.</summary>
    public static string CopyOf(string name) => $"{name}.copy";

    // Azure's naming rules: at most 1,024 characters, no control characters or backslashes, no segment that ends with a dot.
    private static bool IsSafe(string name) =>
        name.Length <= MaxLength
        && !name.Any(c => char.IsControl(c) || c == '\\')
        && !name.Split('/').Any(segment => segment.Length == 0 || segment[^1] == '.');
}

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
    /// <param name="damaged">What is read where a state of this name is damaged. Default: nothing, which is an error.</param>
    /// <param name="configure">Changes the official options last.</param>
    /// <param name="cipher">Encrypts them. Default: they are not encrypted.</param>
    public static ISiloBuilder AddGrainStates(
        this ISiloBuilder silo, string name, Func<BlobServiceClient> connect, string container, Func<string, DamagedState>? damaged = null, Action<AzureBlobStorageOptions>? configure = null,
        BlobCipher? cipher = null) =>
        silo.AddAzureBlobGrainStorage(name, (AzureBlobStorageOptions options) =>
        {
            var client = new Lazy<BlobServiceClient>(connect);
#pragma warning disable CS0618 // obsolete in Orleans, but a host makes its services before it starts them, and where an emulator listens is known only then
            options.ConfigureBlobServiceClient(() => Task.FromResult(client.Value));
#pragma warning restore CS0618
            options.ContainerName = container;
            options.BuildContainerFactory = (services, built) => new StateContainers(
                name, new Lazy<BlobContainerClient>(() => client.Value.GetBlobContainerClient(built.ContainerName)), damaged ?? (_ => DamagedState.Refused), cipher ?? BlobCipher.None,
                services.GetRequiredService<ILogger<StateContainers>>());
            configure?.Invoke(options);
        });
}
