using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Updates;

namespace FedRec.Core.Audits;

/// <summary>Which places of an update belong to which item: what whoever reads updates goes by.</summary>
/// <remarks>Blocks with a row for each item, with a place for each, or with one for each pair of items, of which the pair of an item with itself is taken.</remarks>
internal sealed class ItemPlaces
{
    private const int PowerSteps = 5;
    private readonly (int Offset, int Columns, bool IsPairs)[] _blocks;
    private readonly int _items;

    public ItemPlaces(UpdateLayout layout, int items)
    {
        _items = items;
        _blocks = [.. Enumerable.Range(0, layout.Blocks.Length).Select(block => (Block: layout.Blocks[block], Offset: layout.Offset(block)))
            .Where(one => one.Block.Rows == items || (one.Block.Rows == 1 && (one.Block.Columns == items || one.Block.Columns == (long)items * (items + 1) / 2)))
            .Select(one => (one.Offset, one.Block.Rows == items ? one.Block.Columns : 1, one.Block.Rows == 1 && one.Block.Columns != items))];
    }

    /// <summary>Whether something can be read of single items.</summary>
    public bool IsEmpty => _blocks.Length == 0;

    /// <summary>Adds the squares of what stands in each item's places.</summary>
    public void AddSquares(ReadOnlySpan<float> dense, Span<double> lengths)
    {
        foreach (var (item, place) in Places())
        {
            lengths[item] += (double)dense[place] * dense[place];
        }
    }

    /// <inheritdoc cref="AddSquares(ReadOnlySpan{float}, Span{double})"/>
    public void AddSquares(ReadOnlySpan<byte> words, Span<double> lengths)
    {
        var values = MemoryMarshal.Cast<byte, long>(words);
        foreach (var (item, place) in Places())
        {
            var value = values[place] / (double)long.MaxValue; // all words are alike where they are masked
            lengths[item] += value * value;
        }
    }

    /// <summary>Adds how far each item's row goes in the direction in which all rows lie, or against it: what a client has met and negatives that it draws are pushed apart. Which is which follows from their numbers, as negatives are more.</summary>
    public void AddDirections(ReadOnlySpan<float> dense, Span<double> directions)
    {
        foreach (var (offset, columns, isPairs) in _blocks)
        {
            var rows = new double[_items][];
            for (var item = 0; item < _items; item++)
            {
                rows[item] = new double[columns];
                for (var column = 0; column < columns; column++)
                {
                    rows[item][column] = dense[PlaceOf((offset, columns, isPairs), item) + column];
                }
            }

            var along = AlongPrincipalDirection(rows);
            var sign = along.Count(value => value > 0) > along.Count(value => value < 0) ? -1 : 1;
            for (var item = 0; item < _items; item++)
            {
                directions[item] += sign * along[item];
            }
        }
    }

    // By power iteration, from the longest row.
    private static double[] AlongPrincipalDirection(double[][] rows)
    {
        var direction = rows.MaxBy(row => TensorPrimitives.SumOfSquares<double>(row))!.ToArray();
        var along = new double[rows.Length];
        for (var step = 0; step < PowerSteps; step++)
        {
            var length = Math.Max(TensorPrimitives.Norm<double>(direction), double.Epsilon);
            TensorPrimitives.Divide<double>(direction, length, direction);
            var next = new double[direction.Length];
            for (var item = 0; item < rows.Length; item++)
            {
                along[item] = TensorPrimitives.Dot<double>(rows[item], direction);
                TensorPrimitives.MultiplyAdd<double>(rows[item], along[item], next, next);
            }

            direction = next;
        }

        return along;
    }

    private IEnumerable<(int Item, int Place)> Places()
    {
        foreach (var block in _blocks)
        {
            for (var item = 0; item < _items; item++)
            {
                for (var column = 0; column < block.Columns; column++)
                {
                    yield return (item, PlaceOf(block, item) + column);
                }
            }
        }
    }

    private int PlaceOf((int Offset, int Columns, bool IsPairs) block, int item) => block.Offset + (block.IsPairs ? BlockMeaning.PairIndex(item, item, _items) : item * block.Columns);
}
