using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>A way for two parties to get a common secret from their own secret keys and each other's public ones (Diffie-Hellman). Holds no state.</summary>
public interface IKeyAgreement
{
    /// <summary>Bytes of a secret key, and of what two agree on.</summary>
    const int SecretBytes = 32;

    /// <summary>Names it in what is signed, so that nobody takes keys of one kind for those of another.</summary>
    string Name { get; }

    /// <summary>Bytes of a public key.</summary>
    int PublicKeyBytes { get; }

    /// <summary>Whether bytes are a public key of this kind.</summary>
    bool IsPublicKey(ReadOnlySpan<byte> bytes);

    /// <summary>The key pair of a secret.</summary>
    /// <param name="secret">32 bytes; copied.</param>
    /// <returns>Null when it is no secret key of this kind.</returns>
    IKeyPair? TryOpen(ReadOnlySpan<byte> secret);
}

/// <summary>A secret key with its public one. Not thread-safe.</summary>
public interface IKeyPair : IDisposable
{
    /// <summary>What others may know of it.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The common secret with the owner of another key.</summary>
    /// <param name="otherPublicKey">What that one has published; it may be anything.</param>
    /// <param name="agreed">Receives 32 bytes, which are not uniform: keys are derived from them.</param>
    /// <returns>False, with nothing written, when the other is no public key of this kind.</returns>
    bool TryAgree(ReadOnlySpan<byte> otherPublicKey, Span<byte> agreed);
}

/// <summary>Keys that follow from secret streams.</summary>
public static class KeyDraws
{
    /// <summary>The first long-term key of a stream.</summary>
    /// <param name="signatures">Says what a key is.</param>
    /// <param name="stream">Of this key alone.</param>
    public static IIdentity Draw(this ISignatureScheme signatures, SecretStream stream)
    {
        using var secret = new SecretBytes(IKeyAgreement.SecretBytes);
        while (true)
        {
            stream.Fill(secret.Span);
            if (signatures.TryOpen(secret.Span) is { } identity)
            {
                return identity;
            }
        }
    }

    /// <summary>The first secret key of a stream.</summary>
    /// <param name="agreement">Says what a secret key is; nearly all bytes are one.</param>
    /// <param name="stream">Of this key alone.</param>
    /// <param name="secret">Receives it.</param>
    internal static IKeyPair Draw(this IKeyAgreement agreement, SecretStream stream, Span<byte> secret)
    {
        while (true)
        {
            stream.Fill(secret);
            if (agreement.TryOpen(secret) is { } pair)
            {
                return pair;
            }
        }
    }
}
