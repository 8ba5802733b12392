using System.Security.Cryptography;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Secret bytes that stay where they are in memory, so that no copy is left behind, and are overwritten when they are no longer needed.</summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;

    /// <summary>Zeros, to be filled.</summary>
    public SecretBytes(int length) => _bytes = GC.AllocateArray<byte>(length, pinned: true);

    /// <summary>A copy.</summary>
    public SecretBytes(ReadOnlySpan<byte> bytes)
        : this(bytes.Length) => bytes.CopyTo(_bytes);

    /// <summary>The bytes; zeros once it was disposed of.</summary>
    public Span<byte> Span => _bytes;

    /// <summary>The memory itself, for functions that take nothing else.</summary>
    public byte[] Memory => _bytes;

    /// <summary>New ones, from the system's source.</summary>
    public static SecretBytes New(int length)
    {
        var secret = new SecretBytes(length);
        RandomNumberGenerator.Fill(secret.Span);
        return secret;
    }

    /// <summary>Overwrites them.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>Nothing of the bytes.</summary>
    public override string ToString() => "(secret)";
}
