using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace FedRec.Storage.Encryption;

/// <summary>A blob that says, before anything else is read, that a store is encrypted, and whether the keys that are given are its own.</summary>
/// <remarks>It holds nothing: that it opens is what it is for. Without it each blob still tells the same when it is read.</remarks>
public static class EncryptionMark
{
    /// <summary>Its name among the models, whose own names have a slash.</summary>
    public const string Name = "encryption";

    private static readonly byte[] s_content = Encoding.ASCII.GetBytes("FedRec");

    /// <summary>Checks that the keys are those of a store, and marks a store that is to be encrypted from now on. Changes nothing where it refuses.</summary>
    /// <param name="models">Holds the mark; it exists.</param>
    /// <param name="others">What else is encrypted.</param>
    /// <param name="cipher">With the keys.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StorageKeyException">The store is encrypted and the keys are not its own or there is none; or it holds blobs of a time before encryption, and these are not allowed.</exception>
    public static async Task CheckAsync(BlobContainerClient models, IEnumerable<BlobContainerClient> others, BlobCipher cipher, CancellationToken cancellationToken)
    {
        var blob = models.GetBlobClient(Name);
        while (true)
        {
            var found = await FindAsync(blob, cancellationToken);
            if (found is not null && Check(models, found, cipher) == cipher.WritingKey)
            {
                return;
            }

            if (found is null && !cipher.IsOn)
            {
                return;
            }

            if (found is null && !cipher.AllowsPlain && await FirstAsync(others.Prepend(models), cancellationToken) is { } plain)
            {
                throw new StorageKeyException($"The store was written before there was a key: {plain}, for one, is not encrypted.",
                    "'fedrec store rewrite' encrypts all of it; with FedRec:Storage:Encryption:AllowPlain it is read as it is, and encrypted bit by bit.");
            }

            if (await TryWriteAsync(blob, found?.Details.ETag, cipher, cancellationToken))
            {
                return;
            }
        }
    }

    // The id of the key it opens with.
    private static string Check(BlobContainerClient models, BlobDownloadResult found, BlobCipher cipher)
    {
        var place = new BlobPlace(models.Name, Name);
        if (Envelope.KeyIdOf(found.Content) is not { } id)
        {
            throw new StorageKeyException($"The blob {place}, which says that the store is encrypted, is damaged.", "Delete it: it holds nothing, and the next start with the keys of the store makes it again.");
        }

        if (!cipher.Has(id))
        {
            throw new StorageKeyException(
                cipher.IsOn ? $"The store is encrypted with key '{id}', which is not among the keys that are configured." : $"The store is encrypted with key '{id}', and no key is configured.", Next);
        }

        return cipher.TryOpen(place, found, out _) is { } content && content.Span.SequenceEqual(s_content) ? id
            : throw new StorageKeyException($"Key '{id}' is not the one of that id that the store is encrypted with, or the blob {place} is damaged.", $"{Next} If they are, delete that blob: it holds nothing.");
    }

    private const string Next = "Give the keys of this store: FedRec:Storage:Encryption:KeyFile, or FedRec:Storage:Encryption:Keys.";

    private static async Task<BlobDownloadResult?> FindAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return await blob.DownloadContentAsync(cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private static async Task<bool> TryWriteAsync(BlobClient blob, ETag? known, BlobCipher cipher, CancellationToken cancellationToken)
    {
        var (stored, metadata) = cipher.Seal(new BlobPlace(blob.BlobContainerName, blob.Name), s_content);
        var conditions = known is { } tag ? new BlobRequestConditions { IfMatch = tag } : new BlobRequestConditions { IfNoneMatch = ETag.All };
        try
        {
            await blob.UploadAsync(stored, new BlobUploadOptions { Conditions = conditions, Metadata = metadata }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            return false; // another process was first
        }
    }

    private static async Task<BlobPlace?> FirstAsync(IEnumerable<BlobContainerClient> containers, CancellationToken cancellationToken)
    {
        foreach (var container in containers)
        {
            try
            {
                await foreach (var blob in container.GetBlobsAsync(cancellationToken: cancellationToken))
                {
                    return new BlobPlace(container.Name, blob.Name);
                }
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                // Nothing was ever written there.
            }
        }

        return null;
    }
}
