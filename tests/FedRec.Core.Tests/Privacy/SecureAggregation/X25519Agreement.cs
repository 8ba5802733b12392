using FedRec.Core.Privacy.SecureAggregation;
using NSec.Cryptography;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Curve25519 (RFC 7748) by libsodium, in which the end-to-end vector is given.</summary>
internal sealed class X25519Agreement : IKeyAgreement
{
    public string Name => "X25519";

    public int PublicKeyBytes => 32;

    public bool IsPublicKey(ReadOnlySpan<byte> bytes) => PublicKey.TryImport(KeyAgreementAlgorithm.X25519, bytes, KeyBlobFormat.RawPublicKey, out _);

    public IKeyPair? TryOpen(ReadOnlySpan<byte> secret) => new Pair(Key.Import(KeyAgreementAlgorithm.X25519, secret, KeyBlobFormat.RawPrivateKey));

    private sealed class Pair(Key key) : IKeyPair
    {
        public ReadOnlyMemory<byte> PublicKey { get; } = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

        public bool TryAgree(ReadOnlySpan<byte> otherPublicKey, Span<byte> agreed)
        {
            if (!NSec.Cryptography.PublicKey.TryImport(KeyAgreementAlgorithm.X25519, otherPublicKey, KeyBlobFormat.RawPublicKey, out var other) || other is null)
            {
                return false;
            }

            using var secret = KeyAgreementAlgorithm.X25519.Agree(key, other, new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
            secret?.Export(SharedSecretBlobFormat.RawSharedSecret).CopyTo(agreed);
            return secret is not null;
        }

        public void Dispose() => key.Dispose();
    }
}
