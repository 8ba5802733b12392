using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Core.Snapshots;

namespace FedRec.Storage.GrainStates;

/// <summary>One state's blob: stamped when it is written, checked when it is read, and found again when the answer to a write was lost.</summary>
internal sealed class StateBlob(BlobClient blob) : BlobClient
{
    public override string Name => blob.Name;

    public override string BlobContainerName => blob.BlobContainerName;

    public override async Task<Response<BlobContentInfo>> UploadAsync(BinaryData content, BlobUploadOptions options, CancellationToken cancellationToken)
    {
        var stamp = StateStamp.For(content);
        options.Metadata = stamp.ToMetadata();
        try
        {
            return await blob.UploadAsync(content, options, cancellationToken);
        }
        catch (RequestFailedException e) when (IsConflict(e))
        {
            if (await FindOwnWriteAsync(stamp, cancellationToken) is { } own)
            {
                return own;
            }

            throw;
        }
    }

    public override async Task<Response<BlobContentInfo>> UploadAsync(Stream content, BlobUploadOptions options, CancellationToken cancellationToken) =>
        await UploadAsync(await BinaryData.FromStreamAsync(content, cancellationToken), options, cancellationToken);

    public override async Task<Response<BlobDownloadStreamingResult>> DownloadStreamingAsync(BlobDownloadOptions? options, CancellationToken cancellationToken)
    {
        var stored = await blob.DownloadContentAsync(options, cancellationToken);
        var (content, details) = (stored.Value.Content, stored.Value.Details);
        StateStamp.Check(content, details.Metadata, blob.Uri);
        return Response.FromValue(BlobsModelFactory.BlobDownloadStreamingResult(content.ToStream(), details), stored.GetRawResponse());
    }

    /// <summary>Deletes the blob that has the ETag; deleting what is not there does nothing.</summary>
    public override async Task<Response<bool>> DeleteIfExistsAsync(
        DeleteSnapshotsOption snapshotsOption, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        RequestFailedException? conflict = null;
        if (conditions?.IfMatch is not null) // "only if there is none" is no condition for a deletion: stores differ in what they make of it
        {
            try
            {
                return await blob.DeleteIfExistsAsync(snapshotsOption, conditions, cancellationToken);
            }
            catch (RequestFailedException e) when (IsConflict(e))
            {
                conflict = e;
            }
        }

        // Absent is as asked: our own first attempt, or another activation, deleted it.
        var exists = await blob.ExistsAsync(cancellationToken);
        return exists.Value
            ? throw new RequestFailedException(412, "The state is not the one that this activation has read.", BlobErrorCode.ConditionNotMet.ToString(), conflict)
            : Response.FromValue(false, exists.GetRawResponse());
    }

    // The answer to the first attempt may be lost; the client's second attempt then meets the ETag of the first.
    private async Task<Response<BlobContentInfo>?> FindOwnWriteAsync(StateStamp stamp, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
            return stamp.IsOf(stored.Value)
                ? Response.FromValue(BlobsModelFactory.BlobContentInfo(stored.Value.ETag, stored.Value.LastModified, null, null, null, null, 0), stored.GetRawResponse())
                : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private static bool IsConflict(RequestFailedException e) => e.Status is 409 or 412 || e.ErrorCode == BlobErrorCode.BlobNotFound;
}

/// <summary>What is written beside a state, in the blob's metadata, to recognise one's own write and damaged bytes.</summary>
/// <param name="WriteId">Random, one per write; the same in every attempt of it.</param>
/// <param name="Sha256">Of the bytes.</param>
internal sealed record StateStamp(string WriteId, string Sha256)
{
    private const string WriteIdKey = "fedrec_write_id";
    private const string Sha256Key = "fedrec_sha256";

    public static StateStamp For(BinaryData content) => new(Guid.NewGuid().ToString("N"), Safetensors.Sha256(content));

    public Dictionary<string, string> ToMetadata() => new() { [WriteIdKey] = WriteId, [Sha256Key] = Sha256 };

    /// <summary>Whether the stored blob is the result of this write.</summary>
    public bool IsOf(BlobProperties stored) => stored.Metadata.TryGetValue(WriteIdKey, out var id) && id == WriteId;

    /// <summary>Checks bytes against their stamp; a blob of the official provider has none and passes.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those that were written.</exception>
    public static void Check(BinaryData content, IDictionary<string, string> metadata, Uri blob)
    {
        if (metadata.TryGetValue(Sha256Key, out var expected) && Safetensors.Sha256(content) is var actual && actual != expected)
        {
            throw new InvalidDataException(
                $"The grain state in {blob} is damaged: the SHA-256 of its {content.ToMemory().Length} bytes is {actual}, not {expected}. Restore the blob, or delete it to start without that state.");
        }
    }
}
