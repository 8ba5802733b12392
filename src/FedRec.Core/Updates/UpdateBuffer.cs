namespace FedRec.Core.Updates;

/// <summary>One client's update: the touched segments of a flat vector. Reused from client to client.</summary>
/// <remarks>A segment that is not written counts as zero, so cost follows what the client touched.</remarks>
public sealed class UpdateBuffer
{
    private AlignedMemory _memory = new(1024);
    private int[] _offsets = new int[64];
    private int[] _starts = new int[65];

    /// <summary>Number of segments.</summary>
    public int SegmentCount { get; private set; }

    /// <summary>A lower bound of where segments stand in the layout: 0, or below where one begins before it.</summary>
    internal long First { get; private set; }

    /// <summary>Where the last place of any segment ends in the layout; 0 without segments.</summary>
    internal long End { get; private set; }

    /// <summary>Where each segment stands in the layout.</summary>
    internal ReadOnlySpan<int> Offsets => _offsets.AsSpan(0, SegmentCount);

    /// <summary>Where each segment begins in <see cref="Values"/>, and where the last one ends.</summary>
    internal ReadOnlySpan<int> Starts => _starts.AsSpan(0, SegmentCount + 1);

    /// <summary>All values, segment after segment.</summary>
    public Span<float> Values => _memory.Span[.._starts[SegmentCount]];

    /// <summary>Where segments share places: the largest magnitude that a place can have in all, to be set by whoever writes them; 0 when none do.</summary>
    public double LargestTotal { get; set; }

    /// <summary>Forgets all segments; keeps the memory.</summary>
    public void Clear() => (SegmentCount, LargestTotal, First, End) = (0, 0, 0, 0);

    /// <summary>Adds a segment whose values the caller must write in full.</summary>
    /// <param name="offset">Where the segment stands in the update layout.</param>
    /// <param name="length">Number of values, at least 1.</param>
    /// <returns>The segment's memory, with undefined content; valid until the next segment is added.</returns>
    public Span<float> Segment(int offset, int length)
    {
        var start = _starts[SegmentCount];
        Reserve(SegmentCount + 1, start + length);
        _offsets[SegmentCount] = offset;
        (First, End) = (Math.Min(First, offset), Math.Max(End, offset + (long)length));
        SegmentCount++;
        _starts[SegmentCount] = start + length;
        return _memory.Span.Slice(start, length);
    }

    /// <summary>Adds one segment for each of some rows of a matrix that stands at the beginning of the layout.</summary>
    /// <param name="rows">Row numbers; the caller sees to it that none comes twice.</param>
    /// <param name="columns">Columns of the matrix, at least 1.</param>
    /// <returns>The rows' memory, one after the other, with undefined content; valid until the next segment is added.</returns>
    public Span<float> Rows(ReadOnlySpan<int> rows, int columns)
    {
        var start = _starts[SegmentCount];
        Reserve(SegmentCount + rows.Length, start + (rows.Length * columns));
        var offsets = _offsets.AsSpan(SegmentCount, rows.Length);
        var ends = _starts.AsSpan(SegmentCount + 1, rows.Length);
        var (first, last) = (0, -1);
        for (var i = 0; i < rows.Length; i++)
        {
            offsets[i] = rows[i] * columns;
            ends[i] = start + ((i + 1) * columns);
            (first, last) = (Math.Min(first, rows[i]), Math.Max(last, rows[i]));
        }

        (First, End) = (Math.Min(First, first * (long)columns), Math.Max(End, (last + 1) * (long)columns));
        SegmentCount += rows.Length;
        return _memory.Span.Slice(start, rows.Length * columns);
    }

    /// <summary>Where a segment stands in the update layout.</summary>
    public int Offset(int segment) => _offsets[segment];

    /// <summary>The values of one segment.</summary>
    public ReadOnlySpan<float> SegmentValues(int segment) => _memory.Span[_starts[segment].._starts[segment + 1]];

    /// <summary>Makes room at once for so many segments and values in all.</summary>
    internal void Reserve(int segments, int values)
    {
        if (values > _memory.Length)
        {
            var larger = new AlignedMemory(Math.Max(values, _memory.Length * 2));
            Values.CopyTo(larger.Span);
            _memory = larger;
        }

        if (segments > _offsets.Length)
        {
            var length = Math.Max(segments, _offsets.Length * 2);
            Array.Resize(ref _offsets, length);
            Array.Resize(ref _starts, length + 1);
        }
    }
}
