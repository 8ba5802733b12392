namespace FedRec.Core.Learners;

/// <summary>Numbers the items that one client touches, in the order in which it meets them. Not thread-safe.</summary>
/// <remarks>Cost follows the touched items; only the maps are as long as the catalogue.</remarks>
internal sealed class TouchedItems(int itemCount)
{
    private readonly int[] _slots = new int[itemCount]; // 1 + slot; 0: not touched
    private readonly int[] _items = new int[itemCount];
    private int _count;

    /// <summary>The items by slot.</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, _count);

    /// <summary>Forgets all items.</summary>
    public void Clear()
    {
        foreach (var item in Items)
        {
            _slots[item] = 0;
        }

        _count = 0;
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
}
