using System.Buffers.Binary;

namespace FedRec.Core.Updates;

/// <summary>Sends the largest values of an update and keeps the rest with the client, which adds it to what it trains next: so nothing is lost, only late.</summary>
/// <remarks>Stich, Cordonnier and Jaggi 2018, arXiv:1809.07599 (sparsified SGD with memory). What is kept and what is sent are, place by place, the update and what was kept before,
/// to the last bit; what later steps do to what is sent is not taken back. What is kept is of one layout: in another, and in phases that have anything but directions, updates go as
/// they are. A client adopts what it keeps only for a round that counted it.</remarks>
/// <param name="share">Values sent, as a share of those that the client has trained; in (0, 1).</param>
public sealed class Sparsification(double share) : IUpdateStep
{
    private const int DigestBytes = sizeof(uint);
    private const int DigitBits = 8;

    /// <inheritdoc/>
    public bool KeepsState => true;

    /// <inheritdoc/>
    public UpdateOutcome Apply(ref ClientUpdate update, UpdateContext context)
    {
        var trained = update.Values.Values.Length;
        if (!context.Layout.IsAll(BlockRole.Delta) || trained == 0 || update.Values.LargestTotal > 0 || update.Format != ValueFormat.Plain)
        {
            return UpdateOutcome.Unchanged;
        }

        var (digest, memory) = (DigestOf(context.Layout), context.Memory);
        var kept = memory is { Kept.Length: > DigestBytes } && BinaryPrimitives.ReadUInt32LittleEndian(memory.Kept.Span) == digest
            ? ClientUpdate.Decode(memory.Kept.Span[DigestBytes..], context.Layout.Length).Values : new UpdateBuffer();
        var (places, values) = Sum(update.Values, kept);
        if (values.AsSpan().ContainsAnyExceptInRange(-float.MaxValue, float.MaxValue))
        {
            return UpdateOutcome.Unchanged; // the aggregator refuses it
        }

        var (least, ties) = Least(values, Math.Max(1, (int)Math.Ceiling(share * trained)));
        var isSent = new bool[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var bits = BitsOf(values[i]);
            isSent[i] = bits > least || (bits == least && least > 0 && ties-- > 0);
        }

        var rest = new UpdateBuffer();
        update.Values.Clear();
        Write(places, values, isSent, sent: true, update.Values);
        Write(places, values, isSent, sent: false, rest);
        if (memory is not null)
        {
            ReadOnlySpan<byte> bytes = new ClientUpdate(rest, 1, 0, 0).Encode(); // not packed: it would be little smaller, and takes longer than the rest
            var next = new byte[DigestBytes + bytes.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(next, digest);
            bytes.CopyTo(next.AsSpan(DigestBytes));
            memory.Kept = next;
        }

        return UpdateOutcome.Changed;
    }

    // Both together, by place.
    private static (int[] Places, float[] Values) Sum(UpdateBuffer one, UpdateBuffer other)
    {
        var (first, second) = (InOrder(one), InOrder(other));
        var (places, values) = (new int[first.Places.Length + second.Places.Length], new float[first.Places.Length + second.Places.Length]);
        var count = 0;
        for (var (i, j) = (0, 0); i < first.Places.Length || j < second.Places.Length; count++)
        {
            var (left, right) = (i < first.Places.Length ? first.Places[i] : int.MaxValue, j < second.Places.Length ? second.Places[j] : int.MaxValue);
            places[count] = Math.Min(left, right);
            values[count] = (left <= right ? first.Values[i++] : 0) + (right <= left ? second.Values[j++] : 0);
        }

        return (places[..count], values[..count]);
    }

    private static (int[] Places, float[] Values) InOrder(UpdateBuffer buffer)
    {
        int[] segments = [.. Enumerable.Range(0, buffer.SegmentCount).OrderBy(buffer.Offset)];
        var (places, values, count) = (new int[buffer.Values.Length], new float[buffer.Values.Length], 0);
        foreach (var segment in segments)
        {
            var offset = buffer.Offset(segment);
            if (count > 0 && offset <= places[count - 1])
            {
                throw new ArgumentException($"The segments of a direction overlap at {offset}.", nameof(buffer));
            }

            foreach (var value in buffer.SegmentValues(segment))
            {
                (places[count], values[count]) = (offset++, value);
                count++;
            }
        }

        return (places, values);
    }

    // The least magnitude among the largest, as bits, which are in the order of magnitudes; and how many of exactly that one are among them.
    private static (uint Least, int Ties) Least(float[] values, int wanted)
    {
        var least = 0u;
        Span<int> counts = stackalloc int[1 << DigitBits];
        for (var shift = 3 * DigitBits; shift >= 0; shift -= DigitBits)
        {
            counts.Clear();
            foreach (var value in values)
            {
                if ((ulong)BitsOf(value) >> (shift + DigitBits) == least)
                {
                    counts[(int)(BitsOf(value) >> shift) & ((1 << DigitBits) - 1)]++;
                }
            }

            var digit = counts.Length - 1;
            for (; digit > 0 && counts[digit] < wanted; digit--)
            {
                wanted -= counts[digit];
            }

            least = (least << DigitBits) | (uint)digit;
        }

        return (least, wanted);
    }

    private static void Write(int[] places, float[] values, bool[] isSent, bool sent, UpdateBuffer to)
    {
        for (var i = 0; i < places.Length;)
        {
            var end = i;
            while (end < places.Length && isSent[end] == sent && values[end] != 0 && places[end] == places[i] + end - i)
            {
                end++;
            }

            if (end > i)
            {
                values.AsSpan(i..end).CopyTo(to.Segment(places[i], end - i));
            }

            i = Math.Max(end, i + 1);
        }
    }

    private static uint BitsOf(float value) => BitConverter.SingleToUInt32Bits(MathF.Abs(value));

    // FNV-1a of names and sizes.
    private static uint DigestOf(UpdateLayout layout)
    {
        var digest = 2_166_136_261u;
        foreach (var block in layout.Blocks)
        {
            foreach (var letter in FormattableString.Invariant($"{block.Name} {block.Rows} {block.Columns}\n"))
            {
                digest = (digest ^ letter) * 16_777_619;
            }
        }

        return digest;
    }
}
