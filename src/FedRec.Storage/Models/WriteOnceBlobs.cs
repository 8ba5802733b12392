using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace FedRec.Storage.Models;

/// <summary>A container whose blobs are created once and never changed; it is itself created by the first write, and empty until then.</summary>
/// <remarks>Every call may be repeated, also after an answer that was lost.</remarks>
internal sealed class WriteOnceBlobs(BlobContainerClient container)
{
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
    /// <exception cref="InvalidDataException">They are stamped, and not those that were written.</exception>
    public static async Task<ReadOnlyMemory<byte>?> DownloadAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            var stored = (await blob.DownloadContentAsync(cancellationToken)).Value;
            return BlobStamp.DamageOf(stored.Content, stored.Details.Metadata) is { } damage ? throw new InvalidDataException($"{blob.Uri} is damaged: {damage}.") : stored.Content.ToMemory();
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

    private static async Task<bool> TryCreateAsync(BlobClient blob, ReadOnlyMemory<byte> bytes, bool stamped, CancellationToken cancellationToken)
    {
        var content = BinaryData.FromBytes(bytes);
        var options = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All }, Metadata = stamped ? BlobStamp.For(content).ToMetadata() : null };
        try
        {
            await blob.UploadAsync(content, options, cancellationToken);
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

    private static bool IsMissing(RequestFailedException e) => e.ErrorCode == BlobErrorCode.BlobNotFound || e.ErrorCode == BlobErrorCode.ContainerNotFound;
}
