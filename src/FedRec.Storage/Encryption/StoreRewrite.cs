using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace FedRec.Storage.Encryption;

/// <summary>Which keys the blobs of a store are encrypted with.</summary>
/// <param name="ByKey">Blobs by the id of their key; under the empty id those that are not encrypted.</param>
public sealed record StoreSurvey(ImmutableSortedDictionary<string, long> ByKey)
{
    /// <summary>Blobs that are not encrypted.</summary>
    public long Plain => ByKey.GetValueOrDefault("");

    /// <summary>All of them.</summary>
    public long Total => ByKey.Values.Sum();
}

/// <summary>What became of a store that was written again with the newest key.</summary>
/// <param name="Rewritten">Blobs that were encrypted, or encrypted with another key, before.</param>
/// <param name="Kept">Blobs that had the newest key already.</param>
/// <param name="Failed">Blobs that could not be read, with the reason; left as they were.</param>
public sealed record StoreRewriting(long Rewritten, long Kept, ImmutableSortedDictionary<string, string> Failed);

/// <summary>Looks through the blobs of a store, and writes them again with the newest key.</summary>
/// <param name="containers">All of them.</param>
/// <param name="cipher">Reads every blob, and writes.</param>
/// <remarks>A blob is replaced only as it was read, at once, and keeps its name: a crash leaves blobs of the old and of the new key, and both are read. May be repeated.</remarks>
public sealed class StoreRewrite(IReadOnlyList<BlobContainerClient> containers, BlobCipher cipher)
{
    private const int AtOnce = 8;

    /// <summary>Counts the blobs by their key, from what is written beside them; those without such a note are looked into.</summary>
    public async Task<StoreSurvey> SurveyAsync(CancellationToken cancellationToken = default)
    {
        var counts = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        await EachAsync(async (blob, item) =>
        {
            if (await KeyOfAsync(blob, item, cancellationToken) is { } id)
            {
                counts.AddOrUpdate(id, 1, (_, count) => count + 1);
            }
        }, cancellationToken);
        return new StoreSurvey(counts.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    /// <summary>Writes every blob again that does not have the newest key.</summary>
    /// <remarks>A silo that has a state in memory meanwhile finds it changed: its next change of that state is refused once.</remarks>
    public async Task<StoreRewriting> RunAsync(CancellationToken cancellationToken = default)
    {
        var (rewritten, kept, failed) = (0L, 0L, new ConcurrentDictionary<string, string>(StringComparer.Ordinal));
        await EachAsync(async (blob, item) =>
        {
            if (await KeyOfAsync(blob, item, cancellationToken) == cipher.WritingKey)
            {
                Interlocked.Increment(ref kept);
                return;
            }

            try
            {
                while (!await TryRewriteAsync(blob, cancellationToken))
                {
                    // It was changed meanwhile: what counts is what it is now.
                }

                Interlocked.Increment(ref rewritten);
            }
            catch (Exception e) when (e is InvalidDataException or StorageKeyException)
            {
                failed[$"{blob.BlobContainerName}/{blob.Name}"] = e.Message;
            }
        }, cancellationToken);
        return new StoreRewriting(rewritten, kept, failed.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    private async Task<bool> TryRewriteAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        var place = new BlobPlace(blob.BlobContainerName, blob.Name);
        try
        {
            BlobDownloadResult found = await blob.DownloadContentAsync(cancellationToken);
            var (stored, metadata) = cipher.Seal(place, cipher.Open(place, found));
            if (BlobStamp.IsIn(found.Details.Metadata))
            {
                BlobStamp.For(stored).AddTo(metadata);
            }

            await blob.UploadAsync(stored, new BlobUploadOptions
            {
                Conditions = new BlobRequestConditions { IfMatch = found.Details.ETag },
                HttpHeaders = new BlobHttpHeaders { ContentType = found.Details.ContentType },
                Metadata = metadata,
            }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return false;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return true; // deleted meanwhile
        }
    }

    private Task EachAsync(Func<BlobClient, BlobItem, Task> work, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(ListAsync(cancellationToken), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (one, _) => await work(one.Blob, one.Item));

    private async IAsyncEnumerable<(BlobClient Blob, BlobItem Item)> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var container in containers)
        {
            if (await container.ExistsAsync(cancellationToken))
            {
                await foreach (var item in container.GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }, cancellationToken))
                {
                    yield return (container.GetBlobClient(item.Name), item);
                }
            }
        }
    }

    // The id of its key, empty where it is not encrypted; null where it is gone meanwhile.
    private static async Task<string?> KeyOfAsync(BlobClient blob, BlobItem item, CancellationToken cancellationToken)
    {
        if (item.Metadata?.TryGetValue(BlobCipher.KeyIdName, out var noted) is true)
        {
            return noted;
        }

        if (item.Properties.ContentLength is 0)
        {
            return "";
        }

        try
        {
            BlobDownloadResult beginning = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = new HttpRange(0, Envelope.HeadLength) }, cancellationToken);
            return Envelope.KeyIdOf(beginning.Content) ?? "";
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }
}
