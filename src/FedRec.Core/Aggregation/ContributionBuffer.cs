namespace FedRec.Core.Aggregation;

/// <summary>One client's contribution: the touched segments of a flat vector. Reused from client to client.</summary>
/// <remarks>A segment that is not written counts as zero, so cost follows what the client touched.</remarks>
public sealed class ContributionBuffer
{
    private float[] _values = new float[1024];
    private int[] _offsets = new int[64];
    private int[] _starts = new int[65];

    /// <summary>Number of segments.</summary>
    public int SegmentCount { get; private set; }

    /// <summary>All values, segment after segment.</summary>
    public Span<float> Values => _values.AsSpan(0, _starts[SegmentCount]);

    /// <summary>Bytes on a wire: float32 values, and offset and length of each segment.</summary>
    public long WireBytes => (4L * _starts[SegmentCount]) + (8L * SegmentCount);

    /// <summary>Forgets all segments; keeps the memory.</summary>
    public void Clear() => SegmentCount = 0;

    /// <summary>Adds a segment whose values the caller must write in full.</summary>
    /// <param name="offset">Where the segment stands in the contribution layout.</param>
    /// <param name="length">Number of values, at least 1.</param>
    /// <returns>The segment's memory, with undefined content; valid until the next segment is added.</returns>
    public Span<float> Segment(int offset, int length)
    {
        var start = _starts[SegmentCount];
        if (start + length > _values.Length)
        {
            Array.Resize(ref _values, Math.Max(start + length, _values.Length * 2));
        }

        if (SegmentCount == _offsets.Length)
        {
            Array.Resize(ref _offsets, SegmentCount * 2);
            Array.Resize(ref _starts, (SegmentCount * 2) + 1);
        }

        _offsets[SegmentCount] = offset;
        SegmentCount++;
        _starts[SegmentCount] = start + length;
        return _values.AsSpan(start, length);
    }

    /// <summary>Where a segment stands in the contribution layout.</summary>
    public int Offset(int segment) => _offsets[segment];

    /// <summary>The values of one segment.</summary>
    public ReadOnlySpan<float> SegmentValues(int segment) => _values.AsSpan(_starts[segment].._starts[segment + 1]);
}
