using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Masked updates added up, with the receipts of the clients in it, by which the server knows whose masks to take out. Not thread-safe.</summary>
/// <remarks>As it travels: the receipts, and then the words of the <see cref="MaskedSum"/>. Neither weights nor losses can be read of it.</remarks>
public sealed class MaskedUpdates : IPartial
{
    private const int LeastReceiptBytes = 44;
    private readonly SortedDictionary<int, InputReceipt> _receipts = [];
    private readonly SumScale _scale;
    private readonly int _length;

    /// <summary>The updates of nobody.</summary>
    /// <param name="length">Values of the update layout.</param>
    /// <param name="scale">Of the plan.</param>
    public MaskedUpdates(int length, SumScale scale)
        : this(length, scale, new MaskedSum(length + UpdateLayout.Report.Length))
    {
    }

    private MaskedUpdates(int length, SumScale scale, MaskedSum sum) => (_length, _scale, Sum) = (length, scale, sum);

    /// <summary>The sum; it changes while updates are added.</summary>
    public MaskedSum Sum { get; }

    /// <summary>Of the clients in the sum, ascending by their numbers.</summary>
    public IReadOnlyCollection<InputReceipt> Receipts => _receipts.Values;

    /// <inheritdoc/>
    public bool IsOpen => false;

    /// <summary>The number of clients; what they weigh is masked, and 0 here.</summary>
    public FixedPointSum Totals => new(default, weight: 0, loss: 0, _receipts.Count, examples: 0, maxWeight: 0, _scale);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Encoded => new WireWriter(Sum.Encoded.Length + 16 + (_receipts.Count * 160)).Each(_receipts.Values, (receipt, writer) => writer.Blob(receipt.Encode())).Raw(Sum.Encoded.Span).ToArray();

    /// <summary>Adds a client's masked update.</summary>
    /// <param name="input">As its client has sent it; whether the words are the receipt's says <see cref="SecureServer.IsOf"/>.</param>
    /// <returns>False, with nothing added, when the client is in it already, there are as many as planned, or the vector is of another length.</returns>
    public bool TryAdd(MaskedInput input) =>
        _receipts.Count < _scale.Clients && Sum.TryAdd(input.Receipt.Number, input.Words.Span) && _receipts.TryAdd(input.Receipt.Number, input.Receipt);

    /// <summary>Takes no update that is open.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public bool TryAdd(int client, ClientUpdate update) => throw new InvalidOperationException("An update has to be masked before it is added to masked ones.");

    /// <inheritdoc/>
    public AggregationFault? FindFault(ClientUpdate update) => throw new InvalidOperationException("An update has to be masked before it is added to masked ones.");

    /// <inheritdoc/>
    public bool IsLike(IPartial other) => other is MaskedUpdates masked && masked._length == _length && masked._scale.Bits == _scale.Bits;

    /// <inheritdoc/>
    public bool CanMerge(IPartial other) => other is MaskedUpdates masked && IsLike(other) && _receipts.Count + masked._receipts.Count <= _scale.Clients && !_receipts.Keys.Any(masked._receipts.ContainsKey);

    /// <summary>Whether it is of one client; more cannot be said of what is masked.</summary>
    public bool IsOfOne(SumScale scale, double mostWeight) => _receipts.Count == 1;

    /// <inheritdoc/>
    public void Merge(IPartial other)
    {
        if (!CanMerge(other))
        {
            throw new ArgumentException($"Masked updates of {other.Totals.Clients} clients do not fit those of {_receipts.Count} of at most {_scale.Clients}: another plan made them, or a client is in both.", nameof(other));
        }

        var masked = (MaskedUpdates)other;
        Sum.Merge(masked.Sum);
        foreach (var (client, receipt) in masked._receipts)
        {
            _receipts.Add(client, receipt);
        }
    }

    /// <summary>Does not close: the masks are taken out first (<see cref="SecureServer.Finish"/>).</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public IAggregate Close() => throw new InvalidOperationException("Masked updates come to nothing before their masks are taken out.");

    /// <inheritdoc/>
    public void Release() => Sum.Release();

    /// <summary>Reads what travelled.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of other clients than it says.</exception>
    internal static MaskedUpdates Read(int length, ReadOnlyMemory<byte> encoded, FixedPointSum totals)
    {
        var reader = new WireReader(encoded.Span);
        var receipts = reader.Each(LeastReceiptBytes, (ref part) => InputReceipt.Decode(part.Blob().Span));
        var updates = new MaskedUpdates(length, totals.Scale, new MaskedSum(reader.Rest(), receipts.Select(receipt => receipt.Number)));
        foreach (var receipt in receipts)
        {
            updates._receipts.Add(receipt.Number, receipt);
        }

        return receipts.Length == totals.Clients && updates.Sum.Words == length + UpdateLayout.Report.Length ? updates
            : throw WireReader.Damaged($"masked updates of {receipts.Length} clients and {updates.Sum.Words} words are not those of {totals.Clients} clients and {length} values");
    }
}
