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
        bytes.CopyTo(_bytes = bytes.Length == Length ? GC.AllocateUninitializedArray<byte>(Length, pinned: true)
            : throw new ArgumentException($"A secret key has {Length} bytes, and not {bytes.Length}.", nameof(bytes)));

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
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, Length, info: info);
        var stream = new SecretStream(key);
        CryptographicOperations.ZeroMemory(key);
        return stream;
    }

    /// <summary>The key itself, for whoever keeps it.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Overwrites the key: it is all zeros from now on, for whoever is done with it.</summary>
    internal void Erase() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => "(secret)";
}

/// <summary>A stream of bytes that nobody can tell from chance without the key: AES-256 of a counter that begins at zero. Not thread-safe.</summary>
public sealed class SecretStream : IDisposable
{
    private const int BlockBytes = 16;
    private const int Buffered = 4096;
    private readonly ICryptoTransform _cipher;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(Buffered, pinned: true); // pinned, so that no copy of it is left behind
    private UInt128 _next;
    private int _used = Buffered;

    /// <summary>The stream of a key.</summary>
    /// <param name="key">32 bytes, for this stream alone.</param>
    public SecretStream(byte[] key)
        : this(key, first: 0)
    {
    }

    /// <summary>The stream of a key from some block on.</summary>
    internal SecretStream(byte[] key, UInt128 first)
    {
        using var aes = Aes.Create();
        (aes.Mode, aes.Padding, aes.Key, _next) = (CipherMode.ECB, PaddingMode.None, key, first); // one block after the other: the counter is the text
        _cipher = aes.CreateEncryptor();
    }

    /// <summary>The next bytes.</summary>
    public void Fill(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var next = Next(bytes.Length);
            next.CopyTo(bytes);
            bytes = bytes[next.Length..];
        }
    }

    /// <summary>Some of the next bytes where they are, at least one and at most so many; they are gone with the next call.</summary>
    internal ReadOnlySpan<byte> Next(int most)
    {
        if (_used == Buffered)
        {
            Refill();
        }

        var next = _buffer.AsSpan(_used, Math.Min(most, Buffered - _used));
        _used += next.Length;
        return next;
    }

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_buffer);
    }

    private void Refill()
    {
        for (var block = 0; block < Buffered; block += BlockBytes)
        {
            BinaryPrimitives.WriteUInt128BigEndian(_buffer.AsSpan(block), _next++);
        }

        _cipher.TransformBlock(_buffer, 0, Buffered, _buffer, 0);
        _used = 0;
    }
}
