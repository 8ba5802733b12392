using FedRec.Core.Aggregation;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>The rows of a table that one client touches, laid one after the other in its contribution.</summary>
/// <remarks>The first rows of a <see cref="ContributionBuffer"/> are its first segments, so row s begins at s·dims of its values.
/// Cost follows the touched rows; only the slot map is as long as the catalogue. Not thread-safe.</remarks>
internal sealed class TouchedRows(int itemCount, int dims)
{
    private readonly int[] _slots = new int[itemCount]; // 1 + slot; 0: not touched
    private readonly List<int> _items = [];

    /// <summary>Rows touched.</summary>
    public int Count => _items.Count;

    /// <summary>The item of a slot.</summary>
    public int Item(int slot) => _items[slot];

    /// <summary>Forgets the rows of the last client.</summary>
    public void Clear()
    {
        foreach (var item in _items)
        {
            _slots[item] = 0;
        }

        _items.Clear();
    }

    /// <summary>Gives an item its slot, and a segment in the contribution when it is new.</summary>
    /// <param name="item">Dense item number.</param>
    /// <param name="output">Holds nothing but this client's rows so far.</param>
    /// <param name="isNew">True when the segment was added now and has undefined content.</param>
    /// <returns>The slot from 0.</returns>
    public int Add(int item, ContributionBuffer output, out bool isNew)
    {
        ref var slot = ref _slots[item];
        isNew = slot == 0;
        if (isNew)
        {
            output.Segment(item * dims, dims);
            _items.Add(item);
            slot = _items.Count;
        }

        return slot - 1;
    }
}
