using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>The middle of each coordinate: the values of all clients in order, without those that are cut from each end.</summary>
/// <remarks>Yin et al. 2018, arXiv:1803.01498: coordinate-wise median and trimmed mean.</remarks>
/// <param name="trim">Share of the clients that is cut from each end; null for the median.</param>
internal sealed class CoordinateMiddle(double? trim) : ISinglesRule
{
    private const int Width = 256; // coordinates that are sorted out at a time

    /// <inheritdoc/>
    public void Combine(IReadOnlyList<UpdateBuffer> updates, UpdateLayout? layout, Span<float> result)
    {
        var touching = Touching(updates, result.Length);
        var (columns, middle) = (new float[Width * updates.Count], Middle(updates.Count, trim));
        for (var first = 0; first < result.Length; first += Width)
        {
            var width = Math.Min(Width, result.Length - first);
            Array.Clear(columns);
            foreach (var (update, segment) in touching[first / Width])
            {
                Spread(updates[update], segment, first, width, columns.AsSpan(update), updates.Count);
            }

            for (var column = 0; column < width; column++)
            {
                var values = columns.AsSpan(column * updates.Count, updates.Count);
                values.Sort();
                result[first + column] = (float)(SumOf(values[middle]) / values[middle].Length);
            }
        }
    }

    /// <summary>The places in order that count: one or two for the median.</summary>
    internal static Range Middle(int clients, double? trim)
    {
        var cut = trim is { } share ? (int)(share * clients) : (clients - 1) / 2;
        return cut..(clients - cut);
    }

    // One column for each coordinate, so that it can be sorted.
    private static void Spread(UpdateBuffer update, int segment, int first, int width, Span<float> columns, int stride)
    {
        var offset = update.Offset(segment);
        var values = update.SegmentValues(segment);
        for (var i = Math.Max(offset, first); i < Math.Min(offset + values.Length, first + width); i++)
        {
            columns[(i - first) * stride] = values[i - offset];
        }
    }

    private static List<(int Update, int Segment)>[] Touching(IReadOnlyList<UpdateBuffer> updates, int length)
    {
        var touching = new List<(int, int)>[(length + Width - 1) / Width];
        for (var i = 0; i < touching.Length; i++)
        {
            touching[i] = [];
        }

        for (var update = 0; update < updates.Count; update++)
        {
            for (var segment = 0; segment < updates[update].SegmentCount; segment++)
            {
                var (from, to) = (updates[update].Offset(segment), Math.Min(length, updates[update].Offset(segment) + updates[update].SegmentValues(segment).Length));
                for (var part = from / Width; part * Width < to; part++)
                {
                    touching[part].Add((update, segment));
                }
            }
        }

        return touching;
    }

    private static double SumOf(ReadOnlySpan<float> ordered)
    {
        var sum = 0.0;
        foreach (var value in ordered)
        {
            sum += value;
        }

        return sum;
    }
}
