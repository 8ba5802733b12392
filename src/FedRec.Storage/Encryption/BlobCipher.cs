using Azure.Storage.Blobs.Models;

namespace FedRec.Storage.Encryption;

/// <summary>What is stored cannot be read, or must not be, with the keys that there are; nothing is wrong with it.</summary>
/// <remarks>Never taken for damage: a state is not made again, and a version not passed over, for want of a key.</remarks>
/// <param name="what">What is wrong, and where.</param>
/// <param name="next">What to do.</param>
public sealed class StorageKeyException(string what, string next) : IOException($"{what} {next}")
{
    /// <summary>What is wrong, and where.</summary>
    public string What => what;

    /// <summary>What to do.</summary>
    public string Next => next;
}

/// <summary>Encrypts what is written to blobs and decrypts what is read from them, each bound to its container and name.</summary>
/// <param name="keys">The keys as they are now; null where nothing is encrypted. Asked for each blob.</param>
/// <param name="allowsPlain">Whether blobs of a time before encryption are read; they are encrypted when they are next written.</param>
/// <param name="say">Told of the first of these, in a whole sentence.</param>
/// <remarks>Safe to call from many threads.</remarks>
public sealed class BlobCipher(Func<KeyRing>? keys, bool allowsPlain = false, Action<string>? say = null)
{
    internal const string KeyIdName = "fedrec_key";
    private const string Setting = "FedRec:Storage:Encryption";
    private int _plainReads;

    /// <summary>Encrypts nothing, and says of what is encrypted that a key is missing.</summary>
    public static BlobCipher None { get; } = new(null);

    /// <summary>Whether what is written is encrypted.</summary>
    public bool IsOn => keys is not null;

    /// <summary>Whether blobs of a time before encryption are read.</summary>
    public bool AllowsPlain => allowsPlain || !IsOn;

    /// <summary>Id of the key that writes; null where nothing is encrypted.</summary>
    public string? WritingKey => keys?.Invoke().Writing.Id;

    /// <summary>Blobs that were read though they are not encrypted, while encryption is on.</summary>
    public int PlainReads => Volatile.Read(ref _plainReads);

    /// <summary>Whether the key of an id is there.</summary>
    public bool Has(string id) => keys?.Invoke().Find(id) is not null;

    /// <summary>What to store for a content.</summary>
    /// <param name="place">The blob.</param>
    /// <param name="content">As the program means it.</param>
    /// <returns>The bytes, and what is written beside them.</returns>
    internal (BinaryData Stored, Dictionary<string, string> Metadata) Seal(BlobPlace place, ReadOnlyMemory<byte> content)
    {
        if (keys is null)
        {
            return (BinaryData.FromBytes(content), []);
        }

        var key = keys().Writing;
        return (BinaryData.FromBytes(Envelope.Seal(content.Span, key, place.ToString())), new() { [KeyIdName] = key.Id });
    }

    /// <summary>The content of what is stored.</summary>
    /// <param name="place">The blob.</param>
    /// <param name="stored">As it was read.</param>
    /// <exception cref="StorageKeyException">Its key is not there, or it is not encrypted and must be.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or was moved here from another place.</exception>
    internal ReadOnlyMemory<byte> Open(BlobPlace place, BlobDownloadResult stored) => TryOpen(place, stored, out var damage) ?? throw new InvalidDataException($"{place} is damaged: {damage}.");

    /// <inheritdoc cref="Open"/>
    /// <param name="place">The blob.</param>
    /// <param name="stored">As it was read.</param>
    /// <param name="damage">What is wrong where nothing is returned.</param>
    internal ReadOnlyMemory<byte>? TryOpen(BlobPlace place, BlobDownloadResult stored, out string? damage)
    {
        var bytes = stored.Content.ToMemory();
        if (BlobStamp.DamageOf(stored.Content, stored.Details.Metadata) is { } differs)
        {
            damage = differs;
            return null;
        }

        if (!Envelope.IsSealed(bytes.Span) && !stored.Details.Metadata.ContainsKey(KeyIdName))
        {
            damage = null;
            return Plain(place, bytes);
        }

        var content = Envelope.KeyIdOf(bytes.Span) is { } id ? Envelope.TryOpen(bytes.Span, KeyOf(id, place), place.ToString()) : null;
        damage = content is null ? "its bytes are not those that were encrypted for this container and name: they were changed, cut off, or copied from another place" : null;
        return content is null ? (ReadOnlyMemory<byte>?)null : content; // null alone would be memory of no bytes
    }

    private StorageKey KeyOf(string id, BlobPlace place) => keys is null
        ? throw new StorageKeyException($"{place} is encrypted with key '{id}', and no key is configured.", $"Give the keys of this store: {Setting}:KeyFile, or {Setting}:Keys.")
        : keys() is var ring && ring.Find(id) is { } key ? key
        : throw new StorageKeyException($"{place} is encrypted with key '{id}', which is not among the keys that are configured ({string.Join(", ", ring.Keys)}).", $"Add its line again ({Setting}:KeyFile, or {Setting}:Keys).");

    private ReadOnlyMemory<byte> Plain(BlobPlace place, ReadOnlyMemory<byte> bytes)
    {
        if (keys is null)
        {
            return bytes;
        }

        if (!allowsPlain)
        {
            throw new StorageKeyException($"{place} is not encrypted, as everything in this store must be.", $"If it was written before there was a key, 'fedrec store rewrite' encrypts it, and {Setting}:AllowPlain reads it until then; if not, somebody else has written it.");
        }

        if (Interlocked.Increment(ref _plainReads) == 1)
        {
            say?.Invoke($"{place} is not encrypted, and perhaps other blobs are not: they are when they are next written. 'fedrec store rewrite' encrypts them all; leave {Setting}:AllowPlain out after that.");
        }

        return bytes;
    }
}

/// <summary>The container and the name to which an encrypted blob is bound.</summary>
internal readonly record struct BlobPlace(string Container, string Name)
{
    /// <summary>Both, with a slash between: a container's name has none.</summary>
    public override string ToString() => $"{Container}/{Name}";
}
