using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FedRec.Storage.Encryption;

/// <summary>The encrypted form of a blob: <c>magic (8) | form (1) | length of the key id (1) | key id | salt (32) | chunks</c>, a chunk being up to 1 MiB of ciphertext and a tag of 16 bytes.</summary>
/// <remarks>AES-256-GCM under a key of the blob's own: HKDF-SHA256 (RFC 5869) of the ring's key and the random salt, with what stands before the salt and the blob's place as info.
/// So no two blobs share a key, and the limit of 2^32 random nonces for one key (NIST SP 800-38D §8.3) is out of reach; a blob in another's place has another key, and does not open.
/// A chunk's nonce is its number and whether it is the last one, so that chunks cannot be left out, repeated, put in another order or cut off: the STREAM construction
/// (Hoang, Reyhanitabar, Rogaway and Vizár 2015, ePrint 2015/189), as in Tink's AES-GCM-HKDF. An older content of the same blob opens: what has been rolled back cannot be told.</remarks>
internal static class Envelope
{
    /// <summary>Bytes of content in a chunk.</summary>
    public const int ChunkSize = 1 << 20;

    /// <summary>The longest beginning that <see cref="KeyIdOf"/> needs.</summary>
    public const int HeadLength = 10 + StorageKey.MaxIdLength;

    private const int SaltLength = 32;
    private const int TagLength = 16;
    private const byte Form = 1;

    // Nothing else begins like this: the first byte is no text, and the last two notice a transfer that changes line ends.
    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'F', (byte)'R', (byte)'S', (byte)'E', (byte)'A', 0x0D, 0x0A];

    /// <summary>Whether bytes begin as an encrypted blob does.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> stored) => stored.StartsWith(Magic);

    /// <summary>Which key an encrypted blob names; null where that cannot be read.</summary>
    /// <param name="stored">The blob, or its first <see cref="HeadLength"/> bytes.</param>
    public static string? KeyIdOf(ReadOnlySpan<byte> stored)
    {
        if (!IsSealed(stored) || stored.Length < Magic.Length + 2 || stored[Magic.Length] != Form || stored.Length < Magic.Length + 2 + stored[Magic.Length + 1])
        {
            return null;
        }

        var id = Encoding.Latin1.GetString(stored.Slice(Magic.Length + 2, stored[Magic.Length + 1]));
        return StorageKey.IsId(id) ? id : null;
    }

    /// <summary>Encrypts a blob.</summary>
    /// <param name="content">Any bytes, also none.</param>
    /// <param name="key">Under this key.</param>
    /// <param name="place">Where it belongs: what is read back at another place does not open.</param>
    public static byte[] Seal(ReadOnlySpan<byte> content, StorageKey key, string place) => Seal(content, key, place, RandomNumberGenerator.GetBytes(SaltLength));

    // With a salt that tests choose; a salt is used once.
    internal static byte[] Seal(ReadOnlySpan<byte> content, StorageKey key, string place, ReadOnlySpan<byte> salt)
    {
        var head = HeadOf(key);
        var chunks = Math.Max(1, (content.Length + ChunkSize - 1L) / ChunkSize);
        var stored = new byte[checked((int)(head.Length + SaltLength + content.Length + (chunks * TagLength)))];
        head.CopyTo(stored, 0);
        salt.CopyTo(stored.AsSpan(head.Length));
        using var cipher = CipherOf(key, head, salt, place);
        Span<byte> nonce = stackalloc byte[12];
        var rest = stored.AsSpan(head.Length + SaltLength);
        for (long number = 0; number < chunks; number++)
        {
            var part = content[..Math.Min(ChunkSize, content.Length)];
            SetNonce(nonce, number, isLast: number == chunks - 1);
            cipher.Encrypt(nonce, part, rest[..part.Length], rest.Slice(part.Length, TagLength));
            content = content[part.Length..];
            rest = rest[(part.Length + TagLength)..];
        }

        return stored;
    }

    /// <summary>Decrypts a blob.</summary>
    /// <param name="stored">As it was read.</param>
    /// <param name="key">The one that it names.</param>
    /// <param name="place">Where it was read.</param>
    /// <returns>The content; null where it is not what was encrypted for this place under this key.</returns>
    public static byte[]? TryOpen(ReadOnlySpan<byte> stored, StorageKey key, string place)
    {
        var head = HeadOf(key);
        var length = stored.Length - head.Length - SaltLength;
        var chunks = Math.Max(1, (length + ChunkSize + TagLength - 1L) / (ChunkSize + TagLength));
        if (!stored.StartsWith(head) || length - ((chunks - 1) * (ChunkSize + TagLength)) < TagLength)
        {
            return null; // too short for its last chunk
        }

        var content = new byte[length - (chunks * TagLength)];
        using var cipher = CipherOf(key, head, stored.Slice(head.Length, SaltLength), place);
        Span<byte> nonce = stackalloc byte[12];
        var rest = stored[(head.Length + SaltLength)..];
        var to = content.AsSpan();
        try
        {
            for (long number = 0; number < chunks; number++)
            {
                var size = Math.Min(ChunkSize, to.Length);
                SetNonce(nonce, number, isLast: number == chunks - 1);
                cipher.Decrypt(nonce, rest[..size], rest.Slice(size, TagLength), to[..size]);
                rest = rest[(size + TagLength)..];
                to = to[size..];
            }

            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(content); // chunks before the wrong one were opened
            return null;
        }
    }

    private static byte[] HeadOf(StorageKey key) => [.. Magic, Form, (byte)key.Id.Length, .. Encoding.ASCII.GetBytes(key.Id)];

    private static AesGcm CipherOf(StorageKey key, byte[] head, ReadOnlySpan<byte> salt, string place)
    {
        Span<byte> own = stackalloc byte[StorageKey.Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, own, salt, [.. head, .. Encoding.UTF8.GetBytes(place)]);
        try
        {
            return new AesGcm(own, TagLength);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(own);
        }
    }

    private static void SetNonce(Span<byte> nonce, long number, bool isLast)
    {
        BinaryPrimitives.WriteInt64BigEndian(nonce, number);
        nonce[11] = isLast ? (byte)1 : (byte)0;
    }
}
