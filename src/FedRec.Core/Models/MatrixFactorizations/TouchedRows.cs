using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FedRec.Core.Aggregation;
using FedRec.Core.Models.LinearAlgebra;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>The rows of a table that one client touches, laid one after the other in its contribution.</summary>
/// <remarks>The first rows of a <see cref="ContributionBuffer"/> are its first segments, so row s begins at s·dims of its values.
/// Cost follows the touched rows; only the maps are as long as the catalogue. Not thread-safe.</remarks>
internal sealed class TouchedRows(int itemCount, int dims)
{
    private readonly int[] _slots = new int[itemCount]; // 1 + slot; 0: not touched
    private readonly int[] _items = new int[itemCount];
    private int _count;
    private int _laid;

    /// <summary>The touched items, slot after slot.</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, _count);

    /// <summary>Forgets the rows of the last client.</summary>
    public void Clear()
    {
        foreach (var item in _items.AsSpan(0, _count))
        {
            _slots[item] = 0;
        }

        (_count, _laid) = (0, 0);
    }

    /// <summary>The slot of an item, given to it now if it is new.</summary>
    /// <param name="item">Dense item number.</param>
    /// <returns>The slot from 0.</returns>
    public int Add(int item)
    {
        ref var slot = ref _slots[item];
        if (slot == 0)
        {
            _items[_count] = item;
            slot = ++_count;
        }

        return slot - 1;
    }

    /// <summary>Gives every row added so far its segment.</summary>
    /// <param name="output">Holds nothing but this client's rows so far.</param>
    /// <returns>The memory of the rows that had none yet, with undefined content.</returns>
    public Span<float> Lay(ContributionBuffer output)
    {
        var added = output.Rows(_items.AsSpan(_laid.._count), dims);
        _laid = _count;
        return added;
    }

    /// <summary>As <see cref="Lay"/>, and the rows start as copies of the received ones.</summary>
    /// <param name="output">Holds nothing but this client's rows so far.</param>
    /// <param name="table">Received rows of all items.</param>
    public void LayCopies(ContributionBuffer output, ReadOnlySpan<float> table)
    {
        var first = _laid;
        var rows = Lay(output);
        ref var target = ref MemoryMarshal.GetReference(rows);
        ref var source = ref First(table);
        foreach (var item in _items.AsSpan(first, _count - first))
        {
            VectorKernels.Copy(ref Unsafe.Add(ref source, item * dims), ref target, dims);
            target = ref Unsafe.Add(ref target, dims);
        }
    }

    /// <summary>Turns trained rows into deltas: trained minus received.</summary>
    public void SubtractReceived(ReadOnlySpan<float> table, ContributionBuffer output)
    {
        ref var target = ref MemoryMarshal.GetReference(output.Values);
        ref var source = ref First(table);
        foreach (var item in _items.AsSpan(0, _count))
        {
            VectorKernels.AddScaled(ref Unsafe.Add(ref source, item * dims), -1, ref target, dims);
            target = ref Unsafe.Add(ref target, dims);
        }
    }

    /// <summary>The table's first value; after this check every touched item is in it.</summary>
    private ref float First(ReadOnlySpan<float> table)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(table.Length, _slots.Length * dims);
        return ref MemoryMarshal.GetReference(table);
    }
}
