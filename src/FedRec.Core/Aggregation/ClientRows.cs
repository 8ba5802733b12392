using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>The rows of a layout, numbered through all its blocks: a row is what is said of one item, or of one unit of a layer.</summary>
/// <param name="layout">Of the updates.</param>
internal sealed class LayoutRows(UpdateLayout layout)
{
    private readonly int[] _first = [.. layout.Blocks.Select((_, block) => layout.Blocks.Take(block).Sum(before => before.Rows)), layout.Blocks.Sum(block => block.Rows)];

    /// <summary>Rows of all blocks.</summary>
    public int Count => _first[^1];

    /// <summary>Blocks.</summary>
    public int Blocks => layout.Blocks.Length;

    /// <summary>The block that a row is in.</summary>
    public int BlockOf(int row)
    {
        if (Blocks == 1)
        {
            return 0;
        }

        var found = Array.BinarySearch(_first, row);
        return found < 0 ? ~found - 1 : found;
    }

    /// <summary>Where a row begins in the layout, and its values.</summary>
    public (int Offset, int Length) At(int row)
    {
        var block = BlockOf(row);
        return (layout.Offset(block) + ((row - _first[block]) * layout.Blocks[block].Columns), layout.Blocks[block].Columns);
    }

    /// <summary>The row that a place of the layout is in.</summary>
    public int RowAt(int position)
    {
        var block = layout.IndexAt(position);
        return _first[block] + ((position - layout.Offset(block)) / layout.Blocks[block].Columns);
    }
}

/// <summary>One update as whole rows, each once however its segments lie: so nobody says a thing twice, or in pieces, to get round a bound.</summary>
internal sealed class ClientRows
{
    private readonly List<(int Row, int Start, int Length)> _rows;
    private readonly float[] _values;

    private ClientRows(UpdateBuffer update, LayoutRows layout, int[] slots)
    {
        var pieces = new List<(int Row, int Into, int From, int Count)>(update.SegmentCount);
        for (var (segment, from) = (0, 0); segment < update.SegmentCount; segment++)
        {
            var (place, end) = (update.Offset(segment), update.Offset(segment) + update.SegmentValues(segment).Length);
            for (var row = layout.RowAt(place); place < end; row++)
            {
                var (offset, length) = layout.At(row);
                var count = Math.Min(end, offset + length) - place;
                pieces.Add((row, place - offset, from, count));
                (place, from) = (place + count, from + count);
            }
        }

        _rows = new(pieces.Count);
        var total = 0;
        foreach (var (row, _, _, _) in pieces)
        {
            if (slots[row] < 0)
            {
                slots[row] = total;
                _rows.Add((row, total, layout.At(row).Length));
                total += _rows[^1].Length;
            }
        }

        (_values, Norms) = (new float[total], new double[_rows.Count]);
        foreach (var (row, into, from, count) in pieces)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(_values.AsSpan(slots[row] + into, count), update.Values.Slice(from, count), _values.AsSpan(slots[row] + into, count));
        }

        for (var i = 0; i < _rows.Count; i++)
        {
            slots[_rows[i].Row] = -1;
            Norms[i] = Math.Sqrt(SquaresOf(Values(i)));
        }
    }

    /// <summary>Rows it says something of.</summary>
    public int Count => _rows.Count;

    /// <summary>L2 norm of each of them.</summary>
    public double[] Norms { get; }

    /// <summary>Number of the i-th row.</summary>
    public int Row(int i) => _rows[i].Row;

    /// <summary>Values of the i-th row.</summary>
    public ReadOnlySpan<float> Values(int i) => _values.AsSpan(_rows[i].Start, _rows[i].Length);

    /// <summary>Reads the rows of some updates.</summary>
    public static ClientRows[] Of(IReadOnlyList<UpdateBuffer> updates, LayoutRows layout)
    {
        var slots = new int[layout.Count];
        Array.Fill(slots, -1);
        return [.. updates.Select(update => new ClientRows(update, layout, slots))];
    }

    private static double SquaresOf(ReadOnlySpan<float> values)
    {
        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (double)value * value;
        }

        return squares;
    }
}
