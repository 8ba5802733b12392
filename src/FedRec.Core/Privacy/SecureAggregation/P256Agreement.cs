using System.Security.Cryptography;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Elliptic-curve Diffie-Hellman over P-256 (NIST SP 800-56A), which .NET has on all its systems.</summary>
/// <remarks>Public keys are points as SEC 1 writes them without compression: 4, x, y. A point that is not on the curve is refused, as an agreement with it would give the secret key away piece by piece.</remarks>
public sealed class P256Agreement : IKeyAgreement
{
    private const int Coordinate = 32;

    /// <summary>The one there is.</summary>
    public static P256Agreement Instance { get; } = new();

    // Of the curve's group (SEC 2): secret keys are below it.
    private static ReadOnlySpan<byte> Order =>
    [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    /// <inheritdoc/>
    public string Name => "P-256";

    /// <inheritdoc/>
    public int PublicKeyBytes => 1 + (2 * Coordinate);

    /// <inheritdoc/>
    public bool IsPublicKey(ReadOnlySpan<byte> bytes)
    {
        using var key = Read(bytes);
        return key is not null;
    }

    /// <inheritdoc/>
    public IKeyPair? TryOpen(ReadOnlySpan<byte> secret)
    {
        using var copy = CopyOfSecret(secret);
        return copy is null ? null : new KeyPair(ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = copy.Memory }));
    }

    /// <summary>A copy of a secret key of the curve; null when the bytes are none.</summary>
    internal static SecretBytes? CopyOfSecret(ReadOnlySpan<byte> secret) =>
        secret.Length != Coordinate || secret.SequenceCompareTo(Order) >= 0 || !secret.ContainsAnyExcept((byte)0) ? null : new SecretBytes(secret);

    private sealed class KeyPair(ECDiffieHellman key) : IKeyPair
    {
        public ReadOnlyMemory<byte> PublicKey { get; } = Write(key.ExportParameters(includePrivateParameters: false).Q);

        public bool TryAgree(ReadOnlySpan<byte> otherPublicKey, Span<byte> agreed)
        {
            if (Read(otherPublicKey) is not { } other)
            {
                return false;
            }

            using (other)
            {
                using var point = other.PublicKey;
                var secret = key.DeriveRawSecretAgreement(point);
                secret.CopyTo(agreed);
                CryptographicOperations.ZeroMemory(secret);
                return true;
            }
        }

        public void Dispose() => key.Dispose();
    }

    private static byte[] Write(ECPoint point) => [4, .. point.X!, .. point.Y!];

    private static ECDiffieHellman? Read(ReadOnlySpan<byte> point)
    {
        if (point.Length != 1 + (2 * Coordinate) || point[0] != 4)
        {
            return null;
        }

        try
        {
            return ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = point.Slice(1, Coordinate).ToArray(), Y = point[(1 + Coordinate)..].ToArray() },
            });
        }
        catch (CryptographicException)
        {
            return null; // no point of the curve: the caller says whose it is
        }
    }
}
