using System.Buffers.Binary;
using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>What is made of single updates. Holds no state.</summary>
public interface ISinglesRule
{
    /// <summary>Combines them.</summary>
    /// <param name="updates">In the order of the clients' numbers, at least one; inside the layout, though segments may share places.</param>
    /// <param name="layout">Of the updates; null where nobody said, for rules that go by places.</param>
    /// <param name="result">Receives what stands for the mean over all clients; as many values, from the first on.</param>
    void Combine(IReadOnlyList<UpdateBuffer> updates, UpdateLayout? layout, Span<float> result);
}

/// <summary>Aggregators that need every update by itself.</summary>
/// <remarks>All clients count alike, and what a client did not send is 0, as in a mean. The server sees single updates, which a sum would hide.</remarks>
/// <param name="name">The name users select it by.</param>
/// <param name="rule">What it makes of them.</param>
/// <param name="layout">Of the updates; null where nobody said. Default: null.</param>
public sealed class SinglesAggregator(string name, ISinglesRule rule, UpdateLayout? layout = null) : IAggregator
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool TakesDirectionsOnly => true;

    /// <inheritdoc/>
    public IAggregator WithLayout(UpdateLayout layout) => new SinglesAggregator(name, rule, layout);

    /// <inheritdoc/>
    public IPartial Empty(int length, SumScale scale) => new Singles(length, new FixedPointSum(0, scale), rule, layout);

    /// <inheritdoc/>
    public IPartial Read(int length, ReadOnlyMemory<byte> encoded, FixedPointSum totals) => Singles.Read(new Singles(length, totals, rule, layout), length, encoded);
}

/// <summary>Updates that are kept one by one.</summary>
internal sealed class Singles(int length, FixedPointSum totals, ISinglesRule rule, UpdateLayout? layout) : IPartial
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
    public IAggregate Close() => new CombinedSingles(
        totals.Clients, [.. _updates.OrderBy(one => one.Client).Select(one => ClientUpdate.Decode(one.Update.Span, length).Values)], rule, layout);

    /// <summary>Reads what travelled.</summary>
    /// <exception cref="InvalidDataException">It is cut short, or holds another number of clients than it says.</exception>
    internal static Singles Read(Singles singles, int length, ReadOnlyMemory<byte> encoded)
    {
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

        return singles._updates.Count == singles.Totals.Clients ? singles : throw new InvalidDataException($"{singles._updates.Count} updates are not those of {singles.Totals.Clients} clients.");
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

/// <summary>Single updates of a closed round.</summary>
internal sealed class CombinedSingles(int clients, UpdateBuffer[] updates, ISinglesRule rule, UpdateLayout? layout) : IAggregate
{
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

        rule.Combine(updates, layout, mean);
    }
}
