using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Which message bytes hold; each says it first, so that none can be taken, or signed, for another.</summary>
internal enum MessageKind : byte
{
    Advertisement = 1,
    Roll = 2,
    SealedShares = 3,
    ShareDelivery = 4,
    InputReceipt = 5,
    MaskedInput = 6,
    Survivors = 7,
    Consent = 8,
    ConsentList = 9,
    UnmaskShares = 10,
    ClientState = 11,
    ServerState = 12,
}

/// <summary>Writes messages: little-endian, each part with its length before it, one way to write each. Not thread-safe.</summary>
internal sealed class WireWriter
{
    private const byte Version = 1;
    private readonly ArrayBufferWriter<byte> _bytes;

    /// <summary>Nothing but bytes that follow.</summary>
    /// <param name="most">Bytes for which there is memory at once, so that nothing secret is left behind where it was too small.</param>
    public WireWriter(int most = 256) => _bytes = new ArrayBufferWriter<byte>(most);

    /// <summary>A message.</summary>
    public WireWriter(MessageKind kind, int most = 256)
        : this(most) => Byte((byte)kind).Byte(Version);

    public WireWriter Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
        return this;
    }

    public WireWriter Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(sizeof(int)), value);
        _bytes.Advance(sizeof(int));
        return this;
    }

    public WireWriter Number(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
        _bytes.Advance(sizeof(double));
        return this;
    }

    /// <summary>Bytes whose number the reader knows.</summary>
    public WireWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public WireWriter Blob(ReadOnlySpan<byte> bytes) => Int32(bytes.Length).Raw(bytes);

    public WireWriter Text(string text) => Blob(Encoding.UTF8.GetBytes(text));

    public WireWriter Numbers(ImmutableArray<int> numbers) => Each(numbers, (number, writer) => writer.Int32(number));

    public WireWriter Each<T>(IReadOnlyCollection<T> parts, Action<T, WireWriter> write)
    {
        Int32(parts.Count);
        foreach (var part in parts)
        {
            write(part, this);
        }

        return this;
    }

    /// <summary>What was written; the writer's own memory is overwritten.</summary>
    public byte[] ToArray()
    {
        var bytes = _bytes.WrittenSpan.ToArray();
        _bytes.Clear();
        return bytes;
    }
}

/// <summary>Reads what <see cref="WireWriter"/> wrote; of anything else it takes no more memory than a small multiple of its length.</summary>
internal ref struct WireReader
{
    private const byte Version = 1;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Bytes without a head.</summary>
    public WireReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>A message of a kind.</summary>
    /// <exception cref="InvalidDataException">It is another one, or of another version.</exception>
    public WireReader(ReadOnlySpan<byte> bytes, MessageKind kind)
    {
        _rest = bytes;
        if (Byte() is var other && other != (byte)kind)
        {
            throw Damaged($"it begins with {other} where {(byte)kind} ({kind}) was expected");
        }

        if (Byte() is var version && version != Version)
        {
            throw Damaged($"it is of version {version}; this FedRec reads version {Version}");
        }
    }

    public byte Byte() => Raw(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Raw(sizeof(int)));

    /// <summary>A number of a participant, at least 0.</summary>
    public int Participant() => Int32() is >= 0 and var number ? number : throw Damaged("a number of a participant is negative");

    public ReadOnlySpan<byte> Raw(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw Damaged($"{count} bytes are expected where {_rest.Length} are left");
        }

        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    public ReadOnlyMemory<byte> Copy(int count) => Raw(count).ToArray();

    public double Number() => BinaryPrimitives.ReadDoubleLittleEndian(Raw(sizeof(double)));

    public ReadOnlyMemory<byte> Blob() => Copy(Int32());

    public string Text() => Encoding.UTF8.GetString(Raw(Int32()));

    /// <summary>Numbers of participants, ascending, none twice.</summary>
    public ImmutableArray<int> Numbers()
    {
        var numbers = ImmutableArray.CreateBuilder<int>(Count(sizeof(int)));
        for (var left = numbers.Capacity; left > 0; left--)
        {
            var number = Participant();
            if (numbers.Count > 0 && number <= numbers[^1])
            {
                throw Damaged("numbers of participants are not ascending");
            }

            numbers.Add(number);
        }

        return numbers.MoveToImmutable();
    }

    public ImmutableArray<T> Each<T>(int leastBytes, PartReader<T> read)
    {
        var parts = ImmutableArray.CreateBuilder<T>(Count(leastBytes));
        for (var left = parts.Capacity; left > 0; left--)
        {
            parts.Add(read(ref this));
        }

        return parts.MoveToImmutable();
    }

    public ReadOnlySpan<byte> Rest() => Raw(_rest.Length);

    /// <summary>Nothing may follow.</summary>
    public readonly void End()
    {
        if (_rest.Length > 0)
        {
            throw Damaged($"{_rest.Length} bytes follow its end");
        }
    }

    public static InvalidDataException Damaged(string what) => new($"A message of secure aggregation cannot be read: {what}.");

    // Looked at before memory is taken: what is not there cannot be counted.
    private int Count(int leastBytes)
    {
        var count = Int32();
        return count >= 0 && count <= _rest.Length / leastBytes ? count : throw Damaged($"it counts {count} parts of at least {leastBytes} bytes where {_rest.Length} bytes are left");
    }
}

/// <summary>Reads one part.</summary>
internal delegate T PartReader<T>(ref WireReader reader);
