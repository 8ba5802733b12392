using FedRec.Core.Randomness;

namespace FedRec.Core.Data;

/// <summary>Draws items with chances in proportion to their weights.</summary>
internal sealed class WeightedItems
{
    private readonly int[] _items;
    private readonly double[] _cumulative;

    /// <summary>Takes a group of items and the weights of all items.</summary>
    public WeightedItems(int[] items, double[] weights)
    {
        _items = items;
        _cumulative = new double[items.Length];
        var sum = 0.0;
        for (var i = 0; i < items.Length; i++)
        {
            _cumulative[i] = sum += weights[items[i]];
        }
    }

    public int Draw(ref SeededRandom random)
    {
        var place = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return _items[Math.Min(place < 0 ? ~place : place + 1, _items.Length - 1)];
    }
}
