using System.Buffers.Binary;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Grains.Rounds;

namespace FedRec.Grains.RemoteParties;

/// <summary>An update of a party as it travels: what the party's users come to in the round's fixed point, and not user by user.</summary>
/// <remarks>Whole numbers, so that it is all the same where they are added up: the bytes of a model do not tell whether a party is with a silo or not.
/// Little-endian: <c>FRU1</c>, fraction bits (4), sums of weight, weight · loss and examples (8 each), largest weight (8, double), 1 where it was clipped (4), 0 (4), and then the
/// values as the aggregator writes them: one of 8 bytes for each of the update layout where it is the mean.</remarks>
internal static class RemoteUpdate
{
    private const int HeadBytes = 48;
    private static readonly byte[] s_magic = "FRU1"u8.ToArray();

    /// <summary>The largest that an update can be.</summary>
    /// <param name="length">Values of the update layout.</param>
    public static long MostBytes(int length) => Math.Min(Array.MaxLength, HeadBytes + (12L * length)); // updates that are kept one by one say where their segments are

    /// <summary>An update as it travels.</summary>
    /// <param name="sum">A sum of one client.</param>
    /// <param name="isClipped">Whether it was clipped.</param>
    public static byte[] Write(IPartial sum, bool isClipped)
    {
        var (totals, values) = (sum.Totals, sum.Encoded);
        var bytes = new byte[HeadBytes + values.Length];
        s_magic.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), totals.Scale.Bits);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), totals.Weight);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), totals.Loss);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), totals.Examples);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(32), totals.MaxWeight);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), isClipped ? 1 : 0);
        values.Span.CopyTo(bytes.AsSpan(HeadBytes));
        return bytes;
    }

    /// <summary>The message to the round.</summary>
    /// <param name="bytes">As they came; kept, not copied.</param>
    /// <param name="order">The round.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="empty">A sum of nobody, as the round has it.</param>
    /// <param name="aggregator">Of the round.</param>
    /// <param name="length">Values of the update layout.</param>
    /// <param name="isOfOne">Whether the client could have sent it.</param>
    /// <exception cref="InvalidDataException">It is no update of this layout, or none that one client could send.</exception>
    public static PartialSum Read(ReadOnlyMemory<byte> bytes, TrainOrder order, int client, IPartial empty, IAggregator aggregator, int length, Predicate<IPartial> isOfOne)
    {
        var head = bytes.Span;
        if (head.Length < HeadBytes || !head.StartsWith(s_magic) || BinaryPrimitives.ReadInt32LittleEndian(head[4..]) != empty.Totals.Scale.Bits
            || BinaryPrimitives.ReadUInt32LittleEndian(head[40..]) > 1 || BinaryPrimitives.ReadInt32LittleEndian(head[44..]) != 0)
        {
            throw new InvalidDataException($"An update of {bytes.Length} bytes is of no known form, or of another scale.");
        }

        var message = new PartialSum
        {
            Round = order.Round,
            Collecting = order.Collecting,
            BaseVersion = order.BaseVersion,
            Clients = [client],
            Values = bytes[HeadBytes..],
            FractionBits = empty.Totals.Scale.Bits,
            Weight = BinaryPrimitives.ReadInt64LittleEndian(head[8..]),
            Loss = BinaryPrimitives.ReadInt64LittleEndian(head[16..]),
            Examples = BinaryPrimitives.ReadInt64LittleEndian(head[24..]),
            MaxWeight = BinaryPrimitives.ReadDoubleLittleEndian(head[32..]),
            BytesUp = bytes.Length,
            Clipped = BinaryPrimitives.ReadInt32LittleEndian(head[40..]),
        };
        if (message is not { Weight: > 0, Examples: >= 0 and <= int.MaxValue, MaxWeight: > 0 } || !double.IsFinite(message.MaxWeight) || (!aggregator.TakesDirectionsOnly && message.Values.Length != sizeof(long) * (long)length))
        {
            throw new InvalidDataException($"An update of {bytes.Length} bytes does not fit the {length} values of the layout, or its weight or its examples are none.");
        }

        var sum = RoundMessages.ToPartial(message, aggregator, length);
        return !sum.IsLike(empty) ? throw new InvalidDataException("An update is of another aggregator.")
            : isOfOne(sum) ? message : throw new InvalidDataException("An update weighs more, has larger values, or in a private run is longer, than one client's can be.");
    }
}
