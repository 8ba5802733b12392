using System.Buffers.Binary;
using System.Security.Cryptography;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Keys and signatures that cost a thousandth of real ones and protect from nobody, so that thousands of rounds of the same code can be gone through.</summary>
internal static class QuickSuite
{
    public static SecureSuite Instance { get; } = new(new Agreement(), new Signatures());

    public static ISigner Signer(ReadOnlyMemory<byte> identity) => new HashSigner(identity);

    /// <summary>Diffie-Hellman modulo 2^61 − 1.</summary>
    private sealed class Agreement : IKeyAgreement
    {
        private const ulong Prime = (1UL << 61) - 1;

        public string Name => "quick";

        public int PublicKeyBytes => sizeof(ulong);

        public bool IsPublicKey(ReadOnlySpan<byte> bytes) => bytes.Length == sizeof(ulong) && BinaryPrimitives.ReadUInt64BigEndian(bytes) is > 1 and < Prime;

        public IKeyPair? TryOpen(ReadOnlySpan<byte> secret) => new Pair(BinaryPrimitives.ReadUInt64BigEndian(secret) % (Prime - 1));

        public static ulong Power(ulong value, ulong exponent)
        {
            var power = 1UL;
            for (; exponent > 0; exponent >>= 1)
            {
                power = (exponent & 1) == 1 ? (ulong)((UInt128)power * value % Prime) : power;
                value = (ulong)((UInt128)value * value % Prime);
            }

            return power;
        }

        private sealed class Pair : IKeyPair
        {
            private readonly ulong _secret;
            private readonly byte[] _key = new byte[sizeof(ulong)];

            public Pair(ulong secret)
            {
                _secret = secret;
                BinaryPrimitives.WriteUInt64BigEndian(_key, Power(37, secret));
            }

            public ReadOnlyMemory<byte> PublicKey => _key;

            public bool TryAgree(ReadOnlySpan<byte> otherPublicKey, Span<byte> agreed)
            {
                if (!Instance.Agreement.IsPublicKey(otherPublicKey))
                {
                    return false;
                }

                agreed.Clear();
                BinaryPrimitives.WriteUInt64BigEndian(agreed, Power(BinaryPrimitives.ReadUInt64BigEndian(otherPublicKey), _secret));
                return true;
            }

            public void Dispose()
            {
            }
        }
    }

    /// <summary>A hash that anybody could make.</summary>
    private sealed class Signatures : ISignatureScheme
    {
        public string Name => "quick";

        public int SignatureBytes => 32;

        public IIdentity? TryOpen(ReadOnlySpan<byte> secret) => new HashSigner(SHA256.HashData(secret));

        public bool IsSigned(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> signature) => Of(identity, statement).AsSpan().SequenceEqual(signature);

        public static byte[] Of(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> statement) => SHA256.HashData([.. identity, .. statement]);
    }

    private sealed class HashSigner(ReadOnlyMemory<byte> identity) : IIdentity
    {
        public ReadOnlyMemory<byte> PublicKey => identity;

        public void Dispose()
        {
        }

        public byte[] Sign(ReadOnlySpan<byte> statement) => Signatures.Of(identity.Span, statement);
    }
}
