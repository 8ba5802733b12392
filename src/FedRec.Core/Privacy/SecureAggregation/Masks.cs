using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>What hides a vector in a ring of whole numbers: a stream of random words that is added, and taken away by whoever has its seed.</summary>
/// <remarks>Every word of the ring is equally likely, so that a masked word tells nothing (Bonawitz et al. 2017, section 4). The stream is AES-256 in counter mode from zero, read as little-endian words; each seed is of one mask alone.</remarks>
internal static class Masks
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedBytes = 32;

    private const int PartWords = 1 << 16; // the bytes of a whole vector need not fit an int; a stream gives fewer at a time

    /// <summary>Adds the mask of a seed to a vector, modulo the size of a word, or takes it away.</summary>
    /// <typeparam name="TWord">uint, long or ulong: the ring.</typeparam>
    /// <param name="words">The vector.</param>
    /// <param name="seed">32 bytes, uniform.</param>
    /// <param name="takeAway">Whether it is taken away.</param>
    public static void Add<TWord>(Span<TWord> words, ReadOnlySpan<byte> seed, bool takeAway)
        where TWord : unmanaged, IBinaryInteger<TWord>
    {
        using var key = new SecretBytes(seed);
        using var stream = new SecretStream(key.Memory);
        while (words.Length > 0)
        {
            var mask = MemoryMarshal.Cast<byte, TWord>(stream.Next(MemoryMarshal.AsBytes(words[..Math.Min(words.Length, PartWords)]).Length));
            var part = words[..mask.Length];
            if (takeAway)
            {
                TensorPrimitives.Subtract(part, mask, part);
            }
            else
            {
                TensorPrimitives.Add(part, mask, part);
            }

            words = words[mask.Length..];
        }
    }

    /// <summary>Adds the mask that two parties have in common, so that it cancels in the sum of both: the one of the smaller number adds it, the other takes it away.</summary>
    /// <param name="words">The vector of <paramref name="own"/>.</param>
    /// <param name="seed">Of the pair.</param>
    /// <param name="own">Number of the party whose vector it is.</param>
    /// <param name="other">Number of the other one.</param>
    /// <param name="undo">Whether it is taken out again.</param>
    public static void AddPair<TWord>(Span<TWord> words, ReadOnlySpan<byte> seed, int own, int other, bool undo = false)
        where TWord : unmanaged, IBinaryInteger<TWord> => Add(words, seed, takeAway: own > other != undo);
}

/// <summary>Keys that two parties derive from what they agreed on (HKDF with SHA-256, RFC 5869), each for one purpose in one round.</summary>
internal static class PairKeys
{
    private static readonly byte[] s_mask = Encoding.ASCII.GetBytes("FedRec/SecAgg/pair");
    private static readonly byte[] s_channel = Encoding.ASCII.GetBytes("FedRec/SecAgg/channel");

    /// <summary>The seed of the mask of a pair; the same from either side.</summary>
    /// <param name="shared">What the mask keys agree on.</param>
    /// <param name="salt">Of the protocol.</param>
    /// <param name="round">What the round is about; another one gives other masks, which do not cancel.</param>
    /// <param name="one">Number of one of them.</param>
    /// <param name="other">Number of the other.</param>
    /// <param name="seed">Receives 32 bytes.</param>
    public static void Mask(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> round, int one, int other, Span<byte> seed) =>
        Derive(shared, salt, s_mask, round, Math.Min(one, other), Math.Max(one, other), seed);

    /// <summary>The key under which one party writes to another; each direction has its own.</summary>
    public static void Channel(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> round, int from, int to, Span<byte> key) =>
        Derive(shared, salt, s_channel, round, from, to, key);

    private static void Derive(ReadOnlySpan<byte> shared, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> round, int first, int second, Span<byte> key)
    {
        Span<byte> info = stackalloc byte[label.Length + round.Length + (2 * sizeof(int))];
        label.CopyTo(info);
        round.CopyTo(info[label.Length..]);
        BinaryPrimitives.WriteInt32BigEndian(info[^8..], first);
        BinaryPrimitives.WriteInt32BigEndian(info[^4..], second);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, key, salt, info);
    }
}
