using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Storage.Encryption;

namespace FedRec.Storage.Models;

/// <summary>A container whose blobs are created once and never changed; it is itself created by the first write, and empty until then.</summary>
/// <param name="container">The container.</param>
/// <param name="cipher">Encrypts them.</param>
/// <remarks>Every call may be repeated, also after an answer that was lost.</remarks>
internal sealed class WriteOnceBlobs(BlobContainerClient container, BlobCipher cipher)
{
    /// <summary>The container of some options.</summary>
    /// <exception cref="ArgumentException">It has no container's name.</exception>
    public static WriteOnceBlobs Of(BlobServiceClient client, BlobModelStoreOptions? options)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= new BlobModelStoreOptions();
        ContainerNames.Check(options.ContainerName);
        return new WriteOnceBlobs(client.GetBlobContainerClient(options.ContainerName), options.Cipher);
    }

    public BlobClient Find(string name) => container.GetBlobClient(name);

    /// <summary>Creates a blob.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="stamped">Whether a hash of the bytes is kept beside them, as the name does not tell it.</param>
    /// <returns>False: it was there. A repeated attempt of our own after a lost answer ends here too, so a name must tell the content.</returns>
    public async Task<bool> CreateAsync(BlobClient blob, ReadOnlyMemory<byte> content, CancellationToken cancellationToken, bool stamped = false)
    {
        try
        {
            return await TryCreateAsync(blob, content, stamped, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            return await TryCreateAsync(blob, content, stamped, cancellationToken);
        }
    }

    /// <summary>The bytes of a blob; null when there is none.</summary>
    /// <exception cref="InvalidDataException">They are stamped or encrypted, and not those that were written.</exception>
    /// <exception cref="StorageKeyException">Their key is not there.</exception>
    public async Task<ReadOnlyMemory<byte>?> DownloadAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return cipher.Open(PlaceOf(blob), await blob.DownloadContentAsync(cancellationToken));
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return null;
        }
    }

    /// <summary>Deletes a blob; does nothing when there is none.</summary>
    public static async Task DeleteAsync(BlobClient blob, CancellationToken cancellationToken)
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

    /// <summary>The names of the blobs that begin with a prefix.</summary>
    /// <param name="prefix">Beginning of the names.</param>
    /// <param name="delimiter">Names are cut off behind its next occurrence, and listed once; null for whole names.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public async IAsyncEnumerable<string> ListAsync(string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = delimiter };
        await using var items = container.GetBlobsByHierarchyAsync(options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(items))
        {
            yield return items.Current.IsPrefix ? items.Current.Prefix : items.Current.Blob.Name;
        }
    }

    private async Task<bool> TryCreateAsync(BlobClient blob, ReadOnlyMemory<byte> content, bool stamped, CancellationToken cancellationToken)
    {
        var (stored, metadata) = cipher.Seal(PlaceOf(blob), content);
        if (stamped)
        {
            BlobStamp.For(stored).AddTo(metadata);
        }

        try
        {
            await blob.UploadAsync(stored, new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All }, Metadata = metadata }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412 && (e.ErrorCode == BlobErrorCode.BlobAlreadyExists || e.ErrorCode == BlobErrorCode.ConditionNotMet))
        {
            return false;
        }
    }

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

    private static BlobPlace PlaceOf(BlobClient blob) => new(blob.BlobContainerName, blob.Name);

    private static bool IsMissing(RequestFailedException e) => e.ErrorCode == BlobErrorCode.BlobNotFound || e.ErrorCode == BlobErrorCode.ContainerNotFound;
}
