using System.Buffers.Binary;
using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>Aggregators that need every update by itself: the middle of each coordinate, whatever a few clients send.</summary>
/// <remarks>Yin et al. 2018, arXiv:1803.01498: coordinate-wise median and trimmed mean. All clients count alike, and what a client did not send is 0, as in a mean.
/// The server sees single updates, which a sum would hide.</remarks>
/// <param name="name">The name users select it by.</param>
/// <param name="trim">Share of the clients that is cut from each end; null for the median.</param>
public sealed class SinglesAggregator(string name, double? trim) : IAggregator
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool TakesDirectionsOnly => true;

    /// <inheritdoc/>
    public IPartial Empty(int length, SumScale scale) => new Singles(length, new FixedPointSum(0, scale), trim);

    /// <inheritdoc/>
    public IPartial Read(int length, ReadOnlyMemory<byte> encoded, FixedPointSum totals) => Singles.Read(length, encoded, totals, trim);
}

/// <summary>Updates that are kept one by one.</summary>
internal sealed class Singles(int length, FixedPointSum totals, double? trim) : IPartial
{
    private const int HeadBytes = 8; // client, bytes of its update
    private readonly List<(int Client, ReadOnlyMemory<byte> Update)> _updates = [];
    private readonly FixedPointSum _rules = new(length, totals.Scale); // says what an update may be; nothing is added to it
    private ReadOnlyMemory<byte> _encoded;

    /// <inheritdoc/>
    public FixedPointSum Totals => totals;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Encoded => _encoded.Length > 0 ? _encoded : _encoded = Encode();

    /// <inheritdoc/>
    public bool TryAdd(int client, ClientUpdate update)
    {
        if (!_rules.Takes(update.Values, update.Weight, update.Loss) || !totals.TryAdd(new UpdateBuffer(), update.Weight, update.Loss, update.Examples))
        {
            return false;
        }

        Keep(client, update.Encode());
        return true;
    }

    /// <inheritdoc/>
    public AggregationFault? FindFault(ClientUpdate update) =>
        _rules.FindFault(update.Values, update.Weight, update.Loss) ?? totals.FindFault(new UpdateBuffer(), update.Weight, update.Loss);

    /// <inheritdoc/>
    public bool IsLike(IPartial other) => other is Singles && other.Totals.Scale.Bits == totals.Scale.Bits;

    /// <inheritdoc/>
    public bool IsOfOne(SumScale scale, double mostWeight) =>
        totals.IsReportOfOne(scale, mostWeight) && new FixedPointSum(length, scale).Takes(ClientUpdate.Decode(_updates[0].Update.Span, length).Values, totals.MaxWeight, loss: 0);

    /// <inheritdoc/>
    public bool CanMerge(IPartial other) => IsLike(other) && totals.CanAdd(other.Totals);

    /// <inheritdoc/>
    public void Merge(IPartial other)
    {
        totals.Add(other.Totals);
        foreach (var (client, update) in ((Singles)other)._updates)
        {
            Keep(client, update);
        }
    }

    /// <inheritdoc/>
    public IAggregate Close() => new MiddleOfSingles(
        totals.Clients, [.. _updates.OrderBy(one => one.Client).Select(one => ClientUpdate.Decode(one.Update.Span, length).Values)], trim);

    /// <summary>Reads what travelled.</summary>
    /// <exception cref="InvalidDataException">It is cut short, or holds another number of clients than it says.</exception>
    internal static Singles Read(int length, ReadOnlyMemory<byte> encoded, FixedPointSum totals, double? trim)
    {
        var singles = new Singles(length, totals, trim);
        for (var rest = encoded; !rest.IsEmpty;)
        {
            var bytes = rest.Length < HeadBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest.Span[4..]);
            if (bytes < 0 || bytes > rest.Length - HeadBytes)
            {
                throw new InvalidDataException($"Updates of {encoded.Length} bytes are cut short.");
            }

            _ = ClientUpdate.Decode(rest.Span.Slice(HeadBytes, bytes), length); // damaged ones are refused before they count
            singles.Keep(BinaryPrimitives.ReadInt32LittleEndian(rest.Span), rest.Slice(HeadBytes, bytes));
            rest = rest[(HeadBytes + bytes)..];
        }

        return singles._updates.Count == totals.Clients ? singles : throw new InvalidDataException($"{singles._updates.Count} updates are not those of {totals.Clients} clients.");
    }

    private void Keep(int client, ReadOnlyMemory<byte> update)
    {
        _updates.Add((client, update));
        _encoded = default;
    }

    private byte[] Encode()
    {
        var bytes = new byte[_updates.Sum(one => HeadBytes + (long)one.Update.Length)];
        var rest = bytes.AsSpan();
        foreach (var (client, update) in _updates)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, client);
            BinaryPrimitives.WriteInt32LittleEndian(rest[4..], update.Length);
            update.Span.CopyTo(rest[HeadBytes..]);
            rest = rest[(HeadBytes + update.Length)..];
        }

        return bytes;
    }
}

/// <summary>The middle of each coordinate: the values of all clients in order, without those that are cut from each end.</summary>
internal sealed class MiddleOfSingles(int clients, UpdateBuffer[] updates, double? trim) : IAggregate
{
    private const int Width = 256; // coordinates that are sorted out at a time

    /// <inheritdoc/>
    public int Clients => clients;

    /// <inheritdoc/>
    public FixedPointSum Sum => throw new InvalidOperationException("Updates that are kept one by one have no exact sum.");

    /// <inheritdoc/>
    public void Mean(Span<float> mean)
    {
        if (updates.Length == 0)
        {
            throw new InvalidOperationException("A middle needs at least one client.");
        }

        var touching = Touching(mean.Length);
        var (columns, middle) = (new float[Width * updates.Length], Middle(updates.Length, trim));
        for (var first = 0; first < mean.Length; first += Width)
        {
            var width = Math.Min(Width, mean.Length - first);
            Array.Clear(columns);
            foreach (var (update, segment) in touching[first / Width])
            {
                Spread(update, segment, first, width, columns);
            }

            for (var column = 0; column < width; column++)
            {
                var values = columns.AsSpan(column * updates.Length, updates.Length);
                values.Sort();
                mean[first + column] = (float)(SumOf(values[middle]) / values[middle].Length);
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
    private void Spread(int update, int segment, int first, int width, float[] columns)
    {
        var offset = updates[update].Offset(segment);
        var values = updates[update].SegmentValues(segment);
        for (var i = Math.Max(offset, first); i < Math.Min(offset + values.Length, first + width); i++)
        {
            columns[((i - first) * updates.Length) + update] = values[i - offset];
        }
    }

    private List<(int Update, int Segment)>[] Touching(int length)
    {
        var touching = new List<(int, int)>[(length + Width - 1) / Width];
        for (var i = 0; i < touching.Length; i++)
        {
            touching[i] = [];
        }

        for (var update = 0; update < updates.Length; update++)
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
