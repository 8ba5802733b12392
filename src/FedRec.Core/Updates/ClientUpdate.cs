using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FedRec.Core.Updates;

/// <summary>What one client sends back for one round, on its way to the aggregator.</summary>
/// <param name="Values">The touched segments of the phase's layout.</param>
/// <param name="Weight">Its share in the mean; finite and greater than 0.</param>
/// <param name="Loss">Its mean training loss.</param>
/// <param name="Examples">Examples it trained on.</param>
public readonly record struct ClientUpdate(UpdateBuffer Values, double Weight, double Loss, int Examples)
{
    private const int HeadBytes = 24; // segments, examples, weight, loss
    private const int SegmentBytes = 8; // offset, length

    /// <summary>Bytes of <see cref="Encode"/>.</summary>
    public long EncodedBytes => HeadBytes + (SegmentBytes * (long)Values.SegmentCount) + (sizeof(float) * (long)Values.Values.Length);

    /// <summary>The update as it is sent: a head, offset and length of each segment, then the values; little-endian.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Values.SegmentCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Examples);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8), Weight);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(16), Loss);
        var segments = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(HeadBytes, SegmentBytes * Values.SegmentCount));
        for (var segment = 0; segment < Values.SegmentCount; segment++)
        {
            (segments[2 * segment], segments[(2 * segment) + 1]) = (Values.Offset(segment), Values.SegmentValues(segment).Length);
        }

        MemoryMarshal.AsBytes(Values.Values).CopyTo(bytes.AsSpan(HeadBytes + (SegmentBytes * Values.SegmentCount)));
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="length">Values of the layout that its segments must be inside of.</param>
    /// <exception cref="InvalidDataException">It is cut short, or a segment is outside the layout.</exception>
    public static ClientUpdate Decode(ReadOnlySpan<byte> bytes, int length)
    {
        var count = bytes.Length < HeadBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (count < 0 || bytes.Length - HeadBytes < SegmentBytes * (long)count)
        {
            throw new InvalidDataException($"An update of {bytes.Length} bytes is cut short.");
        }

        var segments = MemoryMarshal.Cast<byte, int>(bytes.Slice(HeadBytes, SegmentBytes * count));
        var values = MemoryMarshal.Cast<byte, float>(bytes[(HeadBytes + (SegmentBytes * count))..]);
        var buffer = new UpdateBuffer();
        for (var segment = 0; segment < count; segment++)
        {
            var (offset, size) = (segments[2 * segment], segments[(2 * segment) + 1]);
            if (offset < 0 || size < 1 || size > values.Length || (long)offset + size > length)
            {
                throw new InvalidDataException($"A segment of {size} values at {offset} is outside a layout of {length} values, or its values are missing.");
            }

            values[..size].CopyTo(buffer.Segment(offset, size));
            values = values[size..];
        }

        return values.IsEmpty
            ? new ClientUpdate(buffer, BinaryPrimitives.ReadDoubleLittleEndian(bytes[8..]), BinaryPrimitives.ReadDoubleLittleEndian(bytes[16..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]))
            : throw new InvalidDataException($"An update has {values.Length} values that belong to no segment.");
    }
}
