using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>The rows of a table that one client touches, laid one after the other in its update.</summary>
/// <remarks>The first rows of a <see cref="UpdateBuffer"/> are its first segments, so row s begins at s·dims of its values.
/// Not thread-safe.</remarks>
internal sealed class TouchedRows(int itemCount, int dims)
{
    private readonly TouchedItems _items = new(itemCount);
    private int _laid;

    /// <summary>The touched items, row after row.</summary>
    public ReadOnlySpan<int> Items => _items.Items;

    /// <summary>Forgets the rows of the last client.</summary>
    public void Clear()
    {
        _items.Clear();
        _laid = 0;
    }

    /// <inheritdoc cref="TouchedItems.Add"/>
    public int Add(int item) => _items.Add(item);

    /// <summary>Gives every row added so far its segment.</summary>
    /// <param name="output">Holds nothing but this client's rows so far.</param>
    /// <returns>The memory of the rows that had none yet, with undefined content.</returns>
    public Span<float> Lay(UpdateBuffer output)
    {
        var added = output.Rows(Items[_laid..], dims);
        _laid = Items.Length;
        return added;
    }

    /// <summary>As <see cref="Lay"/>, and the rows start as copies of the received ones.</summary>
    /// <param name="output">Holds nothing but this client's rows so far.</param>
    /// <param name="table">Received rows of all items.</param>
    public void LayCopies(UpdateBuffer output, ReadOnlySpan<float> table)
    {
        var first = _laid;
        var rows = Lay(output);
        ref var target = ref MemoryMarshal.GetReference(rows);
        ref var source = ref First(table);
        foreach (var item in Items[first..])
        {
            VectorKernels.Copy(ref Unsafe.Add(ref source, item * dims), ref target, dims);
            target = ref Unsafe.Add(ref target, dims);
        }
    }

    /// <summary>Turns trained rows into deltas: trained minus received.</summary>
    public void SubtractReceived(ReadOnlySpan<float> table, UpdateBuffer output)
    {
        ref var target = ref MemoryMarshal.GetReference(output.Values);
        ref var source = ref First(table);
        foreach (var item in Items)
        {
            VectorKernels.AddScaled(ref Unsafe.Add(ref source, item * dims), -1, ref target, dims);
            target = ref Unsafe.Add(ref target, dims);
        }
    }

    /// <summary>The table's first value; after this check every touched item is in it.</summary>
    private ref float First(ReadOnlySpan<float> table)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(table.Length, itemCount * dims);
        return ref MemoryMarshal.GetReference(table);
    }
}
