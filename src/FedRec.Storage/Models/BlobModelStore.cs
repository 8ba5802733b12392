using System.Globalization;
using Azure.Storage.Blobs;
using FedRec.Core.Snapshots;
using FedRec.Storage.Encryption;

namespace FedRec.Storage.Models;

/// <summary>Model versions in Azure Blob storage or its emulator.</summary>
/// <remarks>Blobs are named <c>{federation}/v{version}/{name}.{sha256}</c> and <c>{federation}/v{version}/manifest</c>, and are only ever
/// created, never changed: a name says what its bytes are, so a write that was repeated, or whose answer was lost, finds itself.
/// Safe to call from many threads.</remarks>
public sealed class BlobModelStore : IModelStore
{
    private const string Manifest = "manifest";

    private readonly WriteOnceBlobs _blobs;

    public BlobModelStore(BlobServiceClient client, BlobModelStoreOptions? options = null) => _blobs = WriteOnceBlobs.Of(client, options);

    /// <inheritdoc/>
    public async Task SaveContentAsync(string federation, string name, long version, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var blob = ContentBlob(federation, name, version, sha256);
        ModelKey.CheckContent(sha256, content.Span);
        await _blobs.CreateAsync(blob, content, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> LoadContentAsync(string federation, string name, long version, string sha256, CancellationToken cancellationToken = default)
    {
        var blob = ContentBlob(federation, name, version, sha256);
        var content = await _blobs.DownloadAsync(blob, cancellationToken)
            ?? throw new FileNotFoundException($"Federation '{federation}' has no {name} with SHA-256 {sha256} in version {version} (blob {blob.Uri}).");
        var actual = Safetensors.Sha256(content.Span);
        return actual == sha256
            ? content
            : throw new InvalidDataException($"The {content.Length} bytes of {blob.Uri} are damaged: their SHA-256 is {actual}, not {sha256}.");
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> SaveManifestAsync(string federation, long version, ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken = default)
    {
        var blob = Blob(federation, version, Manifest);
        return await _blobs.CreateAsync(blob, manifest, cancellationToken, stamped: true)
            ? manifest
            : await _blobs.DownloadAsync(blob, cancellationToken) ?? throw new IOException($"{blob.Uri} was deleted while it was read.");
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> LoadManifestAsync(string federation, long version, CancellationToken cancellationToken = default) =>
        _blobs.DownloadAsync(Blob(federation, version, Manifest), cancellationToken);

    /// <inheritdoc/>
    public async Task<long> FindHighestVersionAsync(string federation, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(federation);
        var versions = new List<long>();
        await foreach (var name in _blobs.ListAsync($"{federation}/v", "/", cancellationToken))
        {
            if (long.TryParse(name[$"{federation}/v".Length..].TrimEnd('/'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0)
            {
                versions.Add(version);
            }
        }

        foreach (var version in versions.OrderDescending())
        {
            if (await Blob(federation, version, Manifest).ExistsAsync(cancellationToken))
            {
                return version;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public async Task DeleteVersionAsync(string federation, long version, CancellationToken cancellationToken = default)
    {
        // The manifest first: a deletion that stops half-way leaves unused bytes, never a version without its bytes.
        await WriteOnceBlobs.DeleteAsync(Blob(federation, version, Manifest), cancellationToken);
        await foreach (var name in _blobs.ListAsync(Folder(federation, version), null, cancellationToken))
        {
            await WriteOnceBlobs.DeleteAsync(_blobs.Find(name), cancellationToken);
        }
    }

    private static string Folder(string federation, long version) => string.Create(CultureInfo.InvariantCulture, $"{federation}/v{version:D8}/");

    private BlobClient Blob(string federation, long version, string name)
    {
        ModelKey.CheckFederation(federation);
        ModelKey.CheckVersion(version);
        return _blobs.Find(Folder(federation, version) + name);
    }

    private BlobClient ContentBlob(string federation, string name, long version, string sha256)
    {
        ModelKey.CheckName(name);
        ModelKey.CheckHash(sha256);
        return Blob(federation, version, $"{name}.{sha256}");
    }
}

/// <summary>Where model versions are kept.</summary>
public sealed class BlobModelStoreOptions
{
    /// <summary>Container of all federations; created when it is missing. Default: <c>models</c>.</summary>
    public string ContainerName { get; set; } = "models";

    /// <summary>Encrypts what is written, and reads it. Default: nothing is encrypted.</summary>
    public BlobCipher Cipher { get; set; } = BlobCipher.None;
}
