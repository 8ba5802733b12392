using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FedRec.Core.Randomness;

/// <summary>256 secret bits, from which streams for different purposes follow that nobody can tell from chance without them.</summary>
/// <remarks>HKDF with SHA-256 (RFC 5869) makes a key for each purpose, and AES-256 in counter mode (NIST SP 800-38A) its stream. What must be secret, and yet come out the same when it is done again,
/// is drawn from it. It is not written anywhere by itself: <see cref="ToString"/> does not tell it.</remarks>
public sealed class SecretKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 32;

    private readonly byte[] _bytes;

    /// <summary>A key that is known.</summary>
    /// <param name="bytes">32 of them, from a source that nobody can guess; copied.</param>
    /// <exception cref="ArgumentException">There are fewer or more.</exception>
    public SecretKey(ReadOnlySpan<byte> bytes) =>
        _bytes = bytes.Length == Length ? bytes.ToArray() : throw new ArgumentException($"A secret key has {Length} bytes, and not {bytes.Length}.", nameof(bytes));

    /// <summary>A new key, from the system's source.</summary>
    public static SecretKey New()
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        var key = new SecretKey(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>The stream of one purpose.</summary>
    /// <param name="purpose">What it is for; different words give independent streams.</param>
    /// <param name="context">What it depends on beside that, such as the hash of what is to be hidden. Default: nothing.</param>
    public SecretStream Stream(string purpose, ReadOnlySpan<byte> context = default)
    {
        var words = Encoding.UTF8.GetBytes(purpose);
        var info = new byte[sizeof(int) + words.Length + context.Length]; // the length of the words first, so that none can be taken for a part of the context
        BinaryPrimitives.WriteInt32LittleEndian(info, words.Length);
        words.CopyTo(info, sizeof(int));
        context.CopyTo(info.AsSpan(sizeof(int) + words.Length));
        return new SecretStream(HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, Length, info: info));
    }

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => "(secret)";
}

/// <summary>A stream of bytes that nobody can tell from chance without the key: AES-256 of a counter that begins at zero. Not thread-safe.</summary>
public sealed class SecretStream : IDisposable
{
    private const int BlockBytes = 16;
    private const int Buffered = 4096;
    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _buffer = new byte[Buffered];
    private UInt128 _next;
    private int _used = Buffered;

    /// <summary>The stream of a key.</summary>
    /// <param name="key">32 bytes, for this stream alone.</param>
    public SecretStream(byte[] key) => _aes.Key = key;

    /// <summary>The next bytes.</summary>
    public void Fill(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_used == Buffered)
            {
                Refill();
            }

            var count = Math.Min(bytes.Length, Buffered - _used);
            _buffer.AsSpan(_used, count).CopyTo(bytes);
            _used += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => _aes.Dispose();

    private void Refill()
    {
        for (var block = 0; block < Buffered; block += BlockBytes)
        {
            BinaryPrimitives.WriteUInt128BigEndian(_buffer.AsSpan(block), _next++);
        }

        _aes.EncryptEcb(_buffer, _buffer, PaddingMode.None);
        _used = 0;
    }
}
