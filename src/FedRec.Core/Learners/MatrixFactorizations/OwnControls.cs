using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>A client's own control variates, one row for each item it has ever touched; all others are zero.</summary>
/// <remarks>Kept with the client as bytes, little-endian: a mark, dims, number of rows, the items ascending as int32, then their rows
/// as float32. With fresh negatives in each round the rows grow towards the whole catalogue. Not thread-safe.</remarks>
internal sealed class OwnControls(int itemCount, int dims)
{
    private const int Mark = 0x31_56_43_46; // "FCV1"
    private const int HeaderBytes = 3 * sizeof(int);
    private readonly float[] _values = new float[itemCount * dims];
    private readonly bool[] _present = new bool[itemCount];
    private readonly List<int> _items = [];

    /// <summary>The row of an item, to read: zeros when the client has not touched it.</summary>
    public ReadOnlySpan<float> this[int item] => _values.AsSpan(item * dims, dims);

    /// <summary>The row of an item, to write; it is kept from now on.</summary>
    public Span<float> Keep(int item)
    {
        if (!_present[item])
        {
            _present[item] = true;
            _items.Add(item);
        }

        return _values.AsSpan(item * dims, dims);
    }

    /// <summary>Takes over what a client has kept, and forgets the last client's.</summary>
    /// <param name="state">As <see cref="Save"/> wrote it; empty before the client's first round.</param>
    /// <exception cref="ArgumentException">The bytes are of another learner or shape.</exception>
    public void Load(ReadOnlySpan<byte> state)
    {
        foreach (var item in _items)
        {
            _present[item] = false;
            Array.Clear(_values, item * dims, dims);
        }

        _items.Clear();
        if (state.IsEmpty)
        {
            return;
        }

        var count = ReadHeader(state);
        var rows = MemoryMarshal.Cast<byte, float>(state[(HeaderBytes + (count * sizeof(int)))..]);
        for (var i = 0; i < count; i++)
        {
            var item = BinaryPrimitives.ReadInt32LittleEndian(state[(HeaderBytes + (i * sizeof(int)))..]);
            if (item < (i == 0 ? 0 : _items[^1] + 1) || item >= itemCount)
            {
                throw new ArgumentException($"The control variates a client has kept name item {item} out of order or outside the {itemCount} items.", nameof(state));
            }

            rows.Slice(i * dims, dims).CopyTo(Keep(item));
        }
    }

    /// <summary>What the client keeps.</summary>
    public byte[] Save()
    {
        _items.Sort();
        var state = new byte[HeaderBytes + (_items.Count * (1 + dims) * sizeof(float))];
        var numbers = MemoryMarshal.Cast<byte, int>(state.AsSpan()); // little-endian, as every machine that .NET trains on
        (numbers[0], numbers[1], numbers[2]) = (Mark, dims, _items.Count);
        CollectionsMarshal.AsSpan(_items).CopyTo(numbers[3..]);
        var rows = MemoryMarshal.Cast<byte, float>(state.AsSpan(HeaderBytes + (_items.Count * sizeof(int))));
        for (var i = 0; i < _items.Count; i++)
        {
            this[_items[i]].CopyTo(rows[(i * dims)..]);
        }

        return state;
    }

    private int ReadHeader(ReadOnlySpan<byte> state)
    {
        if (state.Length >= HeaderBytes
            && BinaryPrimitives.ReadInt32LittleEndian(state) == Mark
            && BinaryPrimitives.ReadInt32LittleEndian(state[sizeof(int)..]) == dims
            && BinaryPrimitives.ReadInt32LittleEndian(state[(2 * sizeof(int))..]) is >= 0 and var count
            && state.Length == HeaderBytes + ((long)count * (1 + dims) * sizeof(float)))
        {
            return count;
        }

        throw new ArgumentException($"The {state.Length} bytes a client has kept are not control variates of {dims} dims; another learner or other options wrote them.", nameof(state));
    }
}
