using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Storage.Encryption;
using Microsoft.Extensions.Logging;

namespace FedRec.Storage.GrainStates;

/// <summary>One state's blob: encrypted and stamped when it is written, checked when it is read, and found again when the answer to a write was lost.</summary>
/// <param name="blob">The blob.</param>
/// <param name="damaged">What is read when it is damaged.</param>
/// <param name="copy">Where a state is that is kept twice. It is written last, as only the winner of two writers may write it.</param>
/// <param name="cipher">Encrypts both.</param>
/// <param name="log">Told of damage that somebody should look at.</param>
internal sealed partial class StateBlob(BlobClient blob, DamagedState damaged, BlobClient copy, BlobCipher cipher, ILogger log) : BlobClient
{
    public override string Name => blob.Name;

    public override string BlobContainerName => blob.BlobContainerName;

    public override async Task<Response<BlobContentInfo>> UploadAsync(BinaryData content, BlobUploadOptions options, CancellationToken cancellationToken)
    {
        var (stored, metadata) = cipher.Seal(PlaceOf(blob), content);
        var stamp = BlobStamp.For(stored);
        stamp.AddTo(options.Metadata = metadata);
        var written = await UploadOnceAsync(stored, options, stamp, cancellationToken);
        if (damaged == DamagedState.KeptTwice)
        {
            var (second, beside) = cipher.Seal(PlaceOf(copy), content);
            BlobStamp.For(second).AddTo(beside);
            await copy.UploadAsync(second, new BlobUploadOptions { Metadata = beside }, cancellationToken);
        }

        return written;
    }

    public override async Task<Response<BlobContentInfo>> UploadAsync(Stream content, BlobUploadOptions options, CancellationToken cancellationToken) =>
        await UploadAsync(await BinaryData.FromStreamAsync(content, cancellationToken), options, cancellationToken);

    public override async Task<Response<BlobDownloadStreamingResult>> DownloadStreamingAsync(BlobDownloadOptions? options, CancellationToken cancellationToken)
    {
        var stored = await blob.DownloadContentAsync(options, cancellationToken);
        var read = BinaryData.FromBytes(cipher.TryOpen(PlaceOf(blob), stored.Value, out var damage) ?? await ReadInsteadAsync(damage!, cancellationToken));
        return Response.FromValue(BlobsModelFactory.BlobDownloadStreamingResult(read.ToStream(), DetailsOf(read, stored.Value.Details)), stored.GetRawResponse());
    }

    /// <summary>Deletes the blob that has the ETag; deleting what is not there does nothing.</summary>
    public override async Task<Response<bool>> DeleteIfExistsAsync(
        DeleteSnapshotsOption snapshotsOption, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        if (damaged == DamagedState.KeptTwice)
        {
            await copy.DeleteIfExistsAsync(cancellationToken: cancellationToken); // first: nothing is left of a state that is gone
        }

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

    private async Task<Response<BlobContentInfo>> UploadOnceAsync(BinaryData content, BlobUploadOptions options, BlobStamp stamp, CancellationToken cancellationToken)
    {
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

    private async Task<ReadOnlyMemory<byte>> ReadInsteadAsync(string damage, CancellationToken cancellationToken)
    {
        if (damaged == DamagedState.MadeAgain)
        {
            LogMadeAgain(blob.Uri, damage);
            return default; // which the provider takes for a state that was never written, under this ETag
        }

        if (damaged == DamagedState.KeptTwice && await FindCopyAsync(cancellationToken) is { } found && cipher.TryOpen(PlaceOf(copy), found, out _) is { } content)
        {
            LogCopyRead(blob.Uri, damage, found.Details.LastModified);
            return content;
        }

        throw new InvalidDataException($"The grain state in {blob.Uri} is damaged: {damage}. Restore the blob, or delete it to start without that state.");
    }

    private async Task<BlobDownloadResult?> FindCopyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await copy.DownloadContentAsync(cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null; // of a program before there were copies
        }
    }

    // The provider reads as many bytes as are said to be there.
    private static BlobDownloadDetails DetailsOf(BinaryData content, BlobDownloadDetails blob) => BlobsModelFactory.BlobDownloadDetails(
        blobType: blob.BlobType, contentLength: content.ToMemory().Length, contentType: blob.ContentType, lastModified: blob.LastModified, metadata: blob.Metadata, eTag: blob.ETag);

    // The answer to the first attempt may be lost; the client's second attempt then meets the ETag of the first.
    private async Task<Response<BlobContentInfo>?> FindOwnWriteAsync(BlobStamp stamp, CancellationToken cancellationToken)
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

    private static BlobPlace PlaceOf(BlobClient blob) => new(blob.BlobContainerName, blob.Name);

    private static bool IsConflict(RequestFailedException e) => e.Status is 409 or 412 || e.ErrorCode == BlobErrorCode.BlobNotFound;

    [LoggerMessage(LogLevel.Error, "The grain state in {Blob} is damaged: {Damage}. Its copy, written {At}, is read in its place, and the next change replaces what is damaged")]
    private partial void LogCopyRead(Uri blob, string damage, DateTimeOffset at);

    [LoggerMessage(LogLevel.Error, "The grain state in {Blob} is damaged: {Damage}. It counts as not there, and what it held is worked out again")]
    private partial void LogMadeAgain(Uri blob, string damage);
}
