using Azure.Storage.Blobs;
using FedRec.Core.Snapshots;

namespace FedRec.Storage.Models;

/// <summary>Segments of catalogues in Azure Blob storage or its emulator.</summary>
/// <remarks>Blobs are named <c>{federation}/catalogue/{sha256}</c>, beside the versions of the same container, and only created.</remarks>
public sealed class BlobCatalogueStore : ICatalogueStore
{
    private readonly WriteOnceBlobs _blobs;

    public BlobCatalogueStore(BlobServiceClient client, BlobModelStoreOptions? options = null) => _blobs = WriteOnceBlobs.Of(client, options);

    /// <inheritdoc/>
    public async Task SaveAsync(string federation, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckContent(sha256, content.Span);
        await _blobs.CreateAsync(Blob(federation, sha256), content, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> LoadAsync(string federation, string sha256, CancellationToken cancellationToken = default)
    {
        var blob = Blob(federation, sha256);
        var content = await _blobs.DownloadAsync(blob, cancellationToken)
            ?? throw new FileNotFoundException($"Federation '{federation}' has no catalogue segment with SHA-256 {sha256} (blob {blob.Uri}).");
        var actual = Safetensors.Sha256(content.Span);
        return actual == sha256 ? content : throw new InvalidDataException($"The {content.Length} bytes of {blob.Uri} are damaged: their SHA-256 is {actual}, not {sha256}.");
    }

    private BlobClient Blob(string federation, string sha256)
    {
        ModelKey.CheckFederation(federation);
        ModelKey.CheckHash(sha256);
        return _blobs.Find($"{federation}/catalogue/{sha256}");
    }
}
