using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace FedRec.Storage.GrainStates;

/// <summary>Conditional reads, writes and deletions of state blobs.</summary>
internal sealed partial class StateBlobs(BlobContainerClient container, ILogger logger)
{
    public Uri Uri => container.Uri;

    public BlobClient Find(string stateName, GrainId grainId) => container.GetBlobClient(BlobNames.For(stateName, grainId));

    public Task CreateContainerAsync(CancellationToken cancellationToken) => container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);

    /// <summary>The blob with its bytes checked, or null when there is none.</summary>
    public static async Task<BlobDownloadResult?> DownloadAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            BlobDownloadResult stored = await blob.DownloadContentAsync(cancellationToken);
            StateStamp.Check(stored.Content, stored.Details.Metadata, blob.Uri);
            return stored;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound || e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return null;
        }
    }

    /// <summary>Creates the blob when <paramref name="etag"/> is empty, else replaces the one that has it.</summary>
    /// <returns>The new ETag.</returns>
    /// <exception cref="InconsistentStateException">The blob is another one.</exception>
    public async Task<string> UploadAsync(BlobClient blob, BinaryData content, string? etag, CancellationToken cancellationToken)
    {
        var stamp = StateStamp.For(content);
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = "application/octet-stream" },
            Metadata = stamp.ToMetadata(),
            Conditions = Unchanged(etag),
        };
        try
        {
            return await UploadCreatingContainerAsync(blob, content, options, cancellationToken);
        }
        catch (RequestFailedException e) when (IsConflict(e))
        {
            return await FindOwnWriteAsync(blob, stamp, cancellationToken) ?? throw Inconsistent(blob, etag, e);
        }
    }

    private async Task<string> UploadCreatingContainerAsync(BlobClient blob, BinaryData content, BlobUploadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return (await blob.UploadAsync(content, options, cancellationToken)).Value.ETag.ToString();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            LogContainerMissing(container.Name);
            await CreateContainerAsync(cancellationToken);
            return (await blob.UploadAsync(content, options, cancellationToken)).Value.ETag.ToString();
        }
    }

    // The answer to the first attempt may be lost; the client's second attempt then meets the ETag of the first.
    private async Task<string?> FindOwnWriteAsync(BlobClient blob, StateStamp stamp, CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties stored = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
            if (!stamp.IsOf(stored))
            {
                return null;
            }

            LogOwnWriteFound(blob.Name);
            return stored.ETag.ToString();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Deletes the blob that has the ETag; deleting what is not there does nothing.</summary>
    /// <exception cref="InconsistentStateException">The blob is another one.</exception>
    public static async Task DeleteAsync(BlobClient blob, string? etag, CancellationToken cancellationToken)
    {
        RequestFailedException? conflict = null;
        if (!string.IsNullOrEmpty(etag)) // "only if there is none" is no condition for a deletion: stores differ in what they make of it
        {
            conflict = await TryDeleteAsync(blob, etag, cancellationToken);
            if (conflict is null)
            {
                return;
            }
        }

        // Absent is as asked: our own first attempt, or another activation, deleted it.
        if (await blob.ExistsAsync(cancellationToken))
        {
            throw Inconsistent(blob, etag, conflict);
        }
    }

    private static async Task<RequestFailedException?> TryDeleteAsync(BlobClient blob, string etag, CancellationToken cancellationToken)
    {
        try
        {
            await blob.DeleteIfExistsAsync(conditions: Unchanged(etag), cancellationToken: cancellationToken);
            return null;
        }
        catch (RequestFailedException e) when (IsConflict(e))
        {
            return e;
        }
    }

    private static BlobRequestConditions Unchanged(string? etag) =>
        string.IsNullOrEmpty(etag) ? new BlobRequestConditions { IfNoneMatch = ETag.All } : new BlobRequestConditions { IfMatch = new ETag(etag) };

    private static bool IsConflict(RequestFailedException e) => e.Status is 409 or 412 || e.ErrorCode == BlobErrorCode.BlobNotFound;

    private static InconsistentStateException Inconsistent(BlobClient blob, string? etag, RequestFailedException? e) => new(
        $"The grain state in {blob.Uri} is not the one this activation read (ETag {etag ?? "none"}): {e?.ErrorCode ?? "it exists"}. Another activation wrote or deleted it.",
        "Unknown", etag ?? "", e!);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The container {Container} was missing; it is created")]
    private partial void LogContainerMissing(string container);

    [LoggerMessage(Level = LogLevel.Information, Message = "The answer to a write of {Blob} was lost, but the write is stored")]
    private partial void LogOwnWriteFound(string blob);
}
