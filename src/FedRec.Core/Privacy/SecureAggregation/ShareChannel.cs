using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>What one party writes to another through the server, which can neither read nor change it: AES-256-GCM (NIST SP 800-38D) under the key of that direction in that round.</summary>
internal static class ShareChannel
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Bytes that a sealed text has more than the text.</summary>
    public const int Overhead = NonceBytes + TagBytes;

    /// <summary>Seals a text: a fresh nonce, the ciphertext, its tag.</summary>
    /// <param name="key">Of the direction, 32 bytes.</param>
    /// <param name="text">What only the receiver may read.</param>
    /// <param name="round">What the round is about.</param>
    /// <param name="from">Number of the sender.</param>
    /// <param name="to">Number of the receiver.</param>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, ReadOnlySpan<byte> round, int from, int to)
    {
        var sealedText = new byte[text.Length + Overhead];
        RandomNumberGenerator.Fill(sealedText.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(key, TagBytes);
        Span<byte> about = stackalloc byte[round.Length + (2 * sizeof(int))];
        About(round, from, to, about);
        cipher.Encrypt(sealedText.AsSpan(0, NonceBytes), text, sealedText.AsSpan(NonceBytes, text.Length), sealedText.AsSpan(^TagBytes..), about);
        return sealedText;
    }

    /// <summary>Opens what was sealed.</summary>
    /// <param name="key">As for <see cref="Seal"/>.</param>
    /// <param name="sealedText">Anything.</param>
    /// <param name="round">As for <see cref="Seal"/>.</param>
    /// <param name="from">As for <see cref="Seal"/>.</param>
    /// <param name="to">As for <see cref="Seal"/>.</param>
    /// <param name="text">Receives the text.</param>
    /// <returns>False when it was not sealed by that sender for that receiver in that round; then the text is zero.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedText, ReadOnlySpan<byte> round, int from, int to, Span<byte> text)
    {
        if (sealedText.Length != text.Length + Overhead)
        {
            text.Clear();
            return false;
        }

        using var cipher = new AesGcm(key, TagBytes);
        Span<byte> about = stackalloc byte[round.Length + (2 * sizeof(int))];
        About(round, from, to, about);
        try
        {
            cipher.Decrypt(sealedText[..NonceBytes], sealedText[NonceBytes..^TagBytes], sealedText[^TagBytes..], text, about);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            text.Clear();
            return false; // the caller says whose it was
        }
    }

    private static void About(ReadOnlySpan<byte> round, int from, int to, Span<byte> about)
    {
        round.CopyTo(about);
        BinaryPrimitives.WriteInt32BigEndian(about[^8..], from);
        BinaryPrimitives.WriteInt32BigEndian(about[^4..], to);
    }
}
