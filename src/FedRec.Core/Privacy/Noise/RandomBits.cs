using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FedRec.Core.Privacy.Noise;

/// <summary>Whole numbers from a source of random bytes; what was handed out is not kept.</summary>
/// <param name="fill">Fills a span with random bytes: the system's cryptographic generator in use, a seeded one in tests.</param>
/// <remarks>Bytes are asked for in blocks, as a call of the system's generator costs more than a hundred draws. Not for several threads at once.</remarks>
public sealed class RandomBits(Action<Span<byte>> fill)
{
    private readonly byte[] _block = new byte[4096];
    private int _next = int.MaxValue;

    /// <summary>Bits of the system's cryptographic generator: the only source for noise that is to protect anybody.</summary>
    public static RandomBits Secure() => new(RandomNumberGenerator.Fill);

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        if (_next >= _block.Length)
        {
            fill(_block);
            _next = 0;
        }

        var word = _block.AsSpan(_next, sizeof(ulong));
        var bits = BinaryPrimitives.ReadUInt64LittleEndian(word);
        word.Clear(); // a dump of memory does not tell what noise was made of it
        _next += sizeof(ulong);
        return bits;
    }
}
