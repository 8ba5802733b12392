using System.Globalization;
using Azure.Storage.Blobs;
using FedRec.Core.Snapshots;

namespace FedRec.Storage.Models;

/// <summary>Checkpoints of runs in Azure Blob storage or its emulator.</summary>
/// <remarks>Blobs are named <c>{federation}/{run}/r{round}.{sha256}</c>, beside the versions of the same container, and only created and deleted.</remarks>
public sealed class BlobCheckpointStore : ICheckpointStore
{
    private readonly WriteOnceBlobs _blobs;

    public BlobCheckpointStore(BlobServiceClient client, BlobModelStoreOptions? options = null) => _blobs = WriteOnceBlobs.Of(client, options);

    /// <inheritdoc/>
    public async Task SaveAsync(CheckpointKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var blob = Blob(key);
        ModelKey.CheckContent(key.Sha256, content.Span);
        await _blobs.CreateAsync(blob, content, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> LoadAsync(CheckpointKey key, CancellationToken cancellationToken = default)
    {
        var blob = Blob(key);
        var content = await _blobs.DownloadAsync(blob, cancellationToken)
            ?? throw new FileNotFoundException($"Run {key.Run} of federation '{key.Federation}' has no checkpoint of round {key.Round} with SHA-256 {key.Sha256} (blob {blob.Uri}).");
        var actual = Safetensors.Sha256(content.Span);
        return actual == key.Sha256
            ? content
            : throw new InvalidDataException($"The {content.Length} bytes of {blob.Uri} are damaged: their SHA-256 is {actual}, not {key.Sha256}.");
    }

    /// <inheritdoc/>
    public Task DeleteAsync(CheckpointKey key, CancellationToken cancellationToken = default) => WriteOnceBlobs.DeleteAsync(Blob(key), cancellationToken);

    /// <inheritdoc/>
    public async Task DeleteAllAsync(string federation, string run, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(federation);
        ModelKey.CheckName(run);
        await foreach (var name in _blobs.ListAsync($"{federation}/{run}/", null, cancellationToken))
        {
            await WriteOnceBlobs.DeleteAsync(_blobs.Find(name), cancellationToken);
        }
    }

    private BlobClient Blob(CheckpointKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        key.ThrowUnlessValid();
        return _blobs.Find(string.Create(CultureInfo.InvariantCulture, $"{key.Federation}/{key.Run}/r{key.Round:D7}.{key.Sha256}"));
    }
}
