using System.Security.Cryptography;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Signs with a party's long-term key, wherever that is kept.</summary>
public interface ISigner
{
    /// <summary>The signature of a statement, as many bytes as the <see cref="ISignatureScheme"/> says.</summary>
    byte[] Sign(ReadOnlySpan<byte> statement);
}

/// <summary>A long-term key that is at hand.</summary>
public interface IIdentity : ISigner, IDisposable
{
    /// <summary>By which others check what it signs.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }
}

/// <summary>How signatures of parties are checked. Holds no state that matters.</summary>
public interface ISignatureScheme
{
    /// <summary>Names it in what is signed.</summary>
    string Name { get; }

    /// <summary>Bytes of a signature.</summary>
    int SignatureBytes { get; }

    /// <summary>Opens a long-term key.</summary>
    /// <param name="secret">32 bytes.</param>
    /// <returns>Null when these bytes are none, which is the case for nearly none of them.</returns>
    IIdentity? TryOpen(ReadOnlySpan<byte> secret);

    /// <summary>Whether a statement was signed with a key.</summary>
    /// <param name="identity">The public key, as it was pinned; one that is none has signed nothing.</param>
    /// <param name="statement">What was signed.</param>
    /// <param name="signature">Anything.</param>
    bool IsSigned(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> signature);
}

/// <summary>ECDSA over P-256 with SHA-256 (ES256), r and s of 32 bytes each, keys as SubjectPublicKeyInfo: as parties sign everything else.</summary>
public sealed class EcdsaP256 : ISignatureScheme
{
    private const string Curve = "1.2.840.10045.3.1.7"; // P-256

    /// <summary>The one there is.</summary>
    public static EcdsaP256 Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "ES256";

    /// <inheritdoc/>
    public int SignatureBytes => 64;

    /// <summary>Signs with a key; the key stays the caller's.</summary>
    public static ISigner Signer(ECDsa key) => new KeySigner(key);

    /// <inheritdoc/>
    public bool IsSigned(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(identity, out var read);
            return read == identity.Length && key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == Curve
                && key.VerifyData(statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false; // no key: as any other that does not fit
        }
    }

    /// <inheritdoc/>
    public IIdentity? TryOpen(ReadOnlySpan<byte> secret) => P256Agreement.CopyOfSecret(secret) is not { } copy ? null : new KeySigner(copy);

    private sealed class KeySigner(ECDsa key) : IIdentity
    {
        public KeySigner(SecretBytes secret)
            : this(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret.Memory })) => secret.Dispose();

        public ReadOnlyMemory<byte> PublicKey => key.ExportSubjectPublicKeyInfo();

        public void Dispose() => key.Dispose();

        public byte[] Sign(ReadOnlySpan<byte> statement) => key.SignData(statement, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
