using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FedRec.Core.Native;

namespace FedRec.Core.Aggregation;

/// <summary>The sum of masked vectors, of which nothing can be read until the masks are taken out. Not thread-safe.</summary>
/// <remarks>Words are added modulo 2^64, where <see cref="FixedPointSum"/> is at home, so that any grouping and any order give the same bytes. It knows who is in it, as the masks of exactly those are taken out.
/// It is no <see cref="IPartial"/>: it takes no update that is open, and knows neither weights nor whether a sum would leave 64 bits, as every word does.</remarks>
public sealed class MaskedSum
{
    private readonly SortedSet<int> _clients = [];
    private readonly byte[] _words;

    /// <summary>A sum of nobody.</summary>
    /// <param name="words">Words of a masked vector.</param>
    public MaskedSum(int words) => _words = ModelMemory.RentZeros<byte>(checked(words * sizeof(long)));

    /// <summary>A sum that travelled.</summary>
    /// <param name="encoded">As <see cref="Encoded"/>; copied.</param>
    /// <param name="clients">As <see cref="Clients"/>.</param>
    /// <exception cref="InvalidDataException">It has no whole number of words, or names a client twice.</exception>
    public MaskedSum(ReadOnlySpan<byte> encoded, IEnumerable<int> clients)
    {
        if (encoded.Length % sizeof(long) != 0 || !clients.All(_clients.Add))
        {
            throw new InvalidDataException($"A masked sum of {encoded.Length} bytes is damaged: it has no whole number of words, or names a client twice.");
        }

        _words = ModelMemory.Rent<byte>(encoded.Length);
        encoded.CopyTo(_words);
    }

    /// <summary>Words of a masked vector.</summary>
    public int Words => _words.Length / sizeof(long);

    /// <summary>Who is in it, ascending.</summary>
    public ImmutableArray<int> Clients => [.. _clients];

    /// <summary>The sum as bytes, little-endian; the memory itself, which changes while vectors are added.</summary>
    public ReadOnlyMemory<byte> Encoded => _words;

    /// <summary>Adds a client's masked vector.</summary>
    /// <param name="client">Its number in the round.</param>
    /// <param name="masked">Its masked words, little-endian.</param>
    /// <returns>False, with nothing added, when the client is in it already or the vector is of another length.</returns>
    public bool TryAdd(int client, ReadOnlySpan<byte> masked)
    {
        if (masked.Length != _words.Length || !_clients.Add(client))
        {
            return false;
        }

        Add(masked);
        return true;
    }

    /// <summary>Takes the clients of another sum in.</summary>
    /// <exception cref="ArgumentException">It is of another length, or a client is in both; nothing was taken in.</exception>
    public void Merge(MaskedSum other)
    {
        if (other._words.Length != _words.Length || _clients.Overlaps(other._clients))
        {
            throw new ArgumentException($"A masked sum of {other.Words} words and {other._clients.Count} clients does not fit one of {Words} words and {_clients.Count} clients, or a client is in both.", nameof(other));
        }

        _clients.UnionWith(other._clients);
        Add(other._words);
    }

    /// <summary>Gives memory of the size of a model back: for whoever knows that nobody reads it any more.</summary>
    public void Release() => ModelMemory.Return(_words);

    private void Add(ReadOnlySpan<byte> masked)
    {
        var words = MemoryMarshal.Cast<byte, long>(_words.AsSpan());
        TensorPrimitives.Add(words, MemoryMarshal.Cast<byte, long>(masked), words);
    }
}
