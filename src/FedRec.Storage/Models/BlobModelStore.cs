using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Core.Snapshots;

namespace FedRec.Storage.Models;

/// <summary>Model versions in Azure Blob storage or its emulator.</summary>
/// <remarks>Blobs are named <c>{federation}/v{version}/{name}.{sha256}</c> and <c>{federation}/v{version}/manifest</c>, and are only ever
/// created, never changed: a name says what its bytes are, so a write that was repeated, or whose answer was lost, finds itself.
/// Safe to call from many threads.</remarks>
public sealed class BlobModelStore : IModelStore
{
    private const string Manifest = "manifest";

    private readonly BlobContainerClient _container;

    public BlobModelStore(BlobServiceClient client, BlobModelStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        var name = (options ?? new BlobModelStoreOptions()).ContainerName;
        ContainerNames.Check(name);
        _container = client.GetBlobContainerClient(name);
    }

    /// <inheritdoc/>
    public async Task SaveContentAsync(string federation, string name, long version, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var blob = ContentBlob(federation, name, version, sha256);
        ModelKey.CheckContent(sha256, content.Span);
        await CreateAsync(blob, content, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> LoadContentAsync(string federation, string name, long version, string sha256, CancellationToken cancellationToken = default)
    {
        var blob = ContentBlob(federation, name, version, sha256);
        var content = await DownloadAsync(blob, cancellationToken)
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
        return await CreateAsync(blob, manifest, cancellationToken)
            ? manifest
            : await DownloadAsync(blob, cancellationToken) ?? throw new IOException($"{blob.Uri} was deleted while it was read.");
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> LoadManifestAsync(string federation, long version, CancellationToken cancellationToken = default) =>
        DownloadAsync(Blob(federation, version, Manifest), cancellationToken);

    /// <inheritdoc/>
    public async Task<long> FindHighestVersionAsync(string federation, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(federation);
        var versions = new List<long>();
        await foreach (var name in ListAsync($"{federation}/v", "/", cancellationToken))
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
        await DeleteAsync(Blob(federation, version, Manifest), cancellationToken);
        await foreach (var name in ListAsync(Folder(federation, version), null, cancellationToken))
        {
            await DeleteAsync(_container.GetBlobClient(name), cancellationToken);
        }
    }

    private static string Folder(string federation, long version) => string.Create(CultureInfo.InvariantCulture, $"{federation}/v{version:D8}/");

    private BlobClient Blob(string federation, long version, string name)
    {
        ModelKey.CheckFederation(federation);
        ModelKey.CheckVersion(version);
        return _container.GetBlobClient(Folder(federation, version) + name);
    }

    private BlobClient ContentBlob(string federation, string name, long version, string sha256)
    {
        ModelKey.CheckName(name);
        ModelKey.CheckHash(sha256);
        return Blob(federation, version, $"{name}.{sha256}");
    }

    // False: it was there. A repeated attempt of our own after a lost answer ends here too, which is why the names tell the content.
    private async Task<bool> CreateAsync(BlobClient blob, ReadOnlyMemory<byte> content, CancellationToken cancellationToken, bool createContainer = true)
    {
        var options = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
        try
        {
            await blob.UploadAsync(BinaryData.FromBytes(content), options, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412 && (e.ErrorCode == BlobErrorCode.BlobAlreadyExists || e.ErrorCode == BlobErrorCode.ConditionNotMet))
        {
            return false;
        }
        catch (RequestFailedException e) when (createContainer && e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            return await CreateAsync(blob, content, cancellationToken, createContainer: false);
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> DownloadAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return (await blob.DownloadContentAsync(cancellationToken)).Value.Content.ToMemory();
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return null;
        }
    }

    private static async Task DeleteAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            await blob.DeleteAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            // Deleting twice does nothing.
        }
    }

    private async IAsyncEnumerable<string> ListAsync(string prefix, string? delimiter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = delimiter };
        await using var items = _container.GetBlobsByHierarchyAsync(options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(items))
        {
            yield return items.Current.IsPrefix ? items.Current.Prefix : items.Current.Blob.Name;
        }
    }

    // A container that nobody created yet has no blobs.
    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<BlobHierarchyItem> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return false;
        }
    }

    private static bool IsMissing(RequestFailedException e) => e.ErrorCode == BlobErrorCode.BlobNotFound || e.ErrorCode == BlobErrorCode.ContainerNotFound;
}
