using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ZstdSharp;

namespace FedRec.Core.Updates;

/// <summary>Updates as bytes, little-endian: segments and form (4), examples (4), weight (8), loss (8), and then the body.</summary>
/// <remarks>The form stands above the lowest 24 bits of the number of segments: 4 bits of <see cref="ValueFormat"/>, and one for Zstandard. In the plain form, 0, the body is
/// offset and length of each segment (4 each) and then the values. In any other it is the scale (4) of whole numbers, for each segment its distance from the end of the
/// one before (zigzag) and its length, both as seven bits per byte (LEB128), and then the values, two of <see cref="ValueFormat.Nibbles"/> in a byte; all of that through Zstandard where it is packed.</remarks>
internal static class UpdateCodec
{
    private const int HeadBytes = 24;
    private const int SegmentBytes = 8;
    private const int CountBits = 24;
    private const int PackedBit = 1 << 28;
    private const int MostVarint = 5;

    [ThreadStatic]
    private static Compressor? t_compressor; // a megabyte of tables; ended with its thread

    public static long BytesOf(in ClientUpdate update) => IsPlain(update)
        ? HeadBytes + (SegmentBytes * (long)update.Values.SegmentCount) + (sizeof(float) * (long)update.Values.Values.Length)
        : Encode(update).LongLength;

    public static byte[] Encode(in ClientUpdate update)
    {
        var body = IsPlain(update) ? PlainBody(update.Values) : Body(update);
        if (update.IsPacked)
        {
            body = (t_compressor ??= new Compressor()).Wrap(body).ToArray();
        }

        var bytes = new byte[HeadBytes + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, update.Values.SegmentCount | ((int)update.Format << CountBits) | (update.IsPacked ? PackedBit : 0));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), update.Examples);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8), update.Weight);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(16), update.Loss);
        body.CopyTo(bytes.AsSpan(HeadBytes));
        return bytes;
    }

    /// <exception cref="InvalidDataException">It is cut short, of no form, or a segment is outside the layout.</exception>
    public static ClientUpdate Decode(ReadOnlySpan<byte> bytes, int length)
    {
        var first = bytes.Length < HeadBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var (count, format, isPacked) = (first & ((1 << CountBits) - 1), (ValueFormat)((first >> CountBits) & 0xf), (first & PackedBit) != 0);
        if (first < 0 || format > ValueFormat.Nibbles || first >> 29 != 0)
        {
            throw new InvalidDataException($"An update of {bytes.Length} bytes is cut short, or of no known form.");
        }

        var body = bytes[HeadBytes..];
        if (isPacked)
        {
            body = Unpack(body, sizeof(float) + (2L * MostVarint * count) + (sizeof(float) * (long)length));
        }

        var head = new ClientUpdate(
            new UpdateBuffer(), BinaryPrimitives.ReadDoubleLittleEndian(bytes[8..]), BinaryPrimitives.ReadDoubleLittleEndian(bytes[16..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]))
        {
            Format = format,
            IsPacked = isPacked,
        };
        return IsPlain(head) ? ReadPlain(head, body, count, length) : Read(head, body, count, length);
    }

    private static bool IsPlain(in ClientUpdate update) => update is { Format: ValueFormat.Plain, IsPacked: false };

    private static byte[] PlainBody(UpdateBuffer values)
    {
        var bytes = new byte[(SegmentBytes * values.SegmentCount) + (sizeof(float) * values.Values.Length)];
        var segments = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(0, SegmentBytes * values.SegmentCount));
        for (var segment = 0; segment < values.SegmentCount; segment++)
        {
            (segments[2 * segment], segments[(2 * segment) + 1]) = (values.Offset(segment), values.SegmentValues(segment).Length);
        }

        MemoryMarshal.AsBytes(values.Values).CopyTo(bytes.AsSpan(SegmentBytes * values.SegmentCount));
        return bytes;
    }

    private static ClientUpdate ReadPlain(ClientUpdate update, ReadOnlySpan<byte> body, int count, int length)
    {
        if (body.Length < SegmentBytes * (long)count)
        {
            throw new InvalidDataException($"An update of {HeadBytes + body.Length} bytes is cut short.");
        }

        var segments = MemoryMarshal.Cast<byte, int>(body[..(SegmentBytes * count)]);
        var values = MemoryMarshal.Cast<byte, float>(body[(SegmentBytes * count)..]);
        update.Values.Reserve(count, values.Length);
        for (var segment = 0; segment < count; segment++)
        {
            var (offset, size) = (segments[2 * segment], segments[(2 * segment) + 1]);
            values[..Checked(offset, size, values.Length, length)].CopyTo(update.Values.Segment(offset, size));
            values = values[size..];
        }

        return values.IsEmpty ? update : throw Left(values.Length);
    }

    private static byte[] Body(in ClientUpdate update)
    {
        var values = update.Values;
        var bytes = new List<byte>(BytesOf(update.Format, values.Values.Length) + (3 * values.SegmentCount) + sizeof(float));
        if (update.Format >= ValueFormat.Bytes)
        {
            bytes.AddRange(BitConverter.GetBytes(update.Scale));
        }

        var end = 0;
        for (var segment = 0; segment < values.SegmentCount; segment++)
        {
            var (distance, size) = (values.Offset(segment) - end, values.SegmentValues(segment).Length);
            WriteVarint(bytes, (uint)((distance << 1) ^ (distance >> 31)));
            WriteVarint(bytes, (uint)size);
            end = values.Offset(segment) + size;
        }

        bytes.AddRange(Written(values.Values, update.Format, update.Scale));
        return [.. bytes];
    }

    private static ClientUpdate Read(ClientUpdate update, ReadOnlySpan<byte> body, int count, int length)
    {
        if (update.Format >= ValueFormat.Bytes)
        {
            update = update with { Scale = body.Length < sizeof(float) ? throw new InvalidDataException("An update without its scale is cut short.") : BinaryPrimitives.ReadSingleLittleEndian(body) };
            body = body[sizeof(float)..];
        }

        var (end, total, segments) = (0, 0, new (int Offset, int Size)[count]);
        foreach (ref var segment in segments.AsSpan())
        {
            var (distance, size) = (ReadVarint(ref body), ReadVarint(ref body));
            var offset = end + ((int)(distance >> 1) ^ -(int)(distance & 1));
            segment = (offset, Checked(offset, size > int.MaxValue ? -1 : (int)size, length, length));
            (end, total) = (offset + segment.Size, total + segment.Size <= length ? total + segment.Size : throw new InvalidDataException($"An update has more than the {length} values of its layout."));
        }

        if (body.Length != BytesOf(update.Format, total))
        {
            throw Left(body.Length);
        }

        foreach (var (offset, size) in segments)
        {
            update.Values.Segment(offset, size);
        }

        ReadValues(body, update.Format, update.Scale, update.Values.Values);
        return update;
    }

    private static int BytesOf(ValueFormat format, int values) => format switch
    {
        ValueFormat.Plain => sizeof(float) * values,
        ValueFormat.HalfPrecision => 2 * values,
        ValueFormat.Bytes => values,
        _ => (values + 1) / 2,
    };

    private static byte[] Written(ReadOnlySpan<float> values, ValueFormat format, float scale)
    {
        if (format == ValueFormat.Plain)
        {
            return MemoryMarshal.AsBytes(values).ToArray();
        }

        var bytes = new byte[BytesOf(format, values.Length)];
        for (var i = 0; i < values.Length; i++)
        {
            switch (format)
            {
                case ValueFormat.HalfPrecision:
                    BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * i), (Half)values[i]);
                    break;
                case ValueFormat.Bytes:
                    bytes[i] = (byte)Whole(values[i], scale);
                    break;
                default:
                    bytes[i / 2] |= (byte)((Whole(values[i], scale) & 0xf) << (4 * (i & 1)));
                    break;
            }
        }

        return bytes;
    }

    private static void ReadValues(ReadOnlySpan<byte> bytes, ValueFormat format, float scale, Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = format switch
            {
                ValueFormat.Plain => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                ValueFormat.HalfPrecision => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                ValueFormat.Bytes => (sbyte)bytes[i] * scale,
                _ => ((sbyte)(bytes[i / 2] << (4 * (1 - (i & 1)))) >> 4) * scale,
            };
        }
    }

    private static sbyte Whole(float value, float scale) => scale == 0 ? (sbyte)0 : (sbyte)MathF.Round(value / scale);

    private static byte[] Unpack(ReadOnlySpan<byte> body, long most)
    {
        try
        {
            using var decompressor = new Decompressor();
            return decompressor.Unwrap(body, (int)Math.Min(most, Array.MaxLength)).ToArray();
        }
        catch (ZstdException e)
        {
            throw new InvalidDataException($"A packed update of {body.Length} bytes cannot be unpacked: {e.Message}", e);
        }
    }

    private static int Checked(int offset, int size, int there, int length) => offset >= 0 && size >= 1 && size <= there && (long)offset + size <= length
        ? size
        : throw new InvalidDataException($"A segment of {size} values at {offset} is outside a layout of {length} values, or its values are missing.");

    private static InvalidDataException Left(int count) => new($"An update has {count} values or bytes that belong to no segment, or lacks some.");

    private static void WriteVarint(List<byte> bytes, uint number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        bytes.Add((byte)number);
    }

    private static uint ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        for (var (number, shift) = (0u, 0); shift < 7 * MostVarint && !bytes.IsEmpty; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            number |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("An update is cut short among its segments.");
    }
}
