using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FedRec.Core.Native;
using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>The exact sum of clients' updates, in <see cref="FixedPoint"/>. Sums of sums are again exact.</summary>
/// <remarks>Not thread-safe: one per training thread, merged afterwards. The encoded bytes are the memory itself, so that a sum
/// is sent and received without a copy. It is allocated when it is first needed: the first sum that is added is taken as it is, where it has travelled.</remarks>
public sealed class FixedPointSum : IPartial, IAggregate
{
    private readonly bool _travelled;
    private readonly int _bytes;
    private readonly long[] _report = new long[UpdateLayout.Report.Length];
    private bool _isOfUpdates = true; // and of nothing that travelled, so that no place is larger than its clients can make it
    private byte[]? _own;
    private ReadOnlyMemory<byte> _taken; // another sum's memory, as long as nothing was added to it

    /// <summary>An empty sum.</summary>
    /// <param name="length">Values of the update layout.</param>
    /// <param name="scale">Of the plan. Default: <see cref="SumScale.Usual"/>.</param>
    public FixedPointSum(int length, SumScale? scale = null)
    {
        Scale = scale ?? SumScale.Usual;
        _bytes = checked(length * sizeof(long));
    }

    /// <summary>A sum that travelled as its parts; it can be read and added to others, but not added to.</summary>
    /// <param name="encoded">As <see cref="Encoded"/>; kept, not copied.</param>
    /// <param name="weight">As <see cref="Weight"/>.</param>
    /// <param name="loss">As <see cref="Loss"/>.</param>
    /// <param name="clients">As <see cref="Clients"/>.</param>
    /// <param name="examples">As <see cref="Examples"/>.</param>
    /// <param name="maxWeight">As <see cref="MaxWeight"/>.</param>
    /// <param name="scale">As <see cref="Scale"/>. Default: <see cref="SumScale.Usual"/>.</param>
    public FixedPointSum(ReadOnlyMemory<byte> encoded, long weight, long loss, int clients, long examples, double maxWeight, SumScale? scale = null)
    {
        (_travelled, _bytes, Scale) = (true, encoded.Length, scale ?? SumScale.Usual);
        (_taken, _report, Clients, MaxWeight, _isOfUpdates) = (encoded, [weight, loss, examples], clients, maxWeight, false);
    }

    /// <summary>How values are encoded, and how much one client may add.</summary>
    public SumScale Scale { get; }

    /// <summary>Encoded sums, one per value of the update layout.</summary>
    public ReadOnlySpan<long> Values => MemoryMarshal.Cast<byte, long>(Encoded.Span);

    /// <summary>The encoded sums as bytes, little-endian; the memory itself, which changes while clients are added.</summary>
    public ReadOnlyMemory<byte> Encoded => _own is null && _taken.Length == _bytes ? _taken : Memory();

    /// <summary>Encoded sums of the blocks of <see cref="UpdateLayout.Report"/>; examples are whole, without fraction bits.</summary>
    public ReadOnlySpan<long> Report => _report;

    /// <summary>Sum of the clients' weights, encoded.</summary>
    public long Weight => _report[0];

    /// <summary>Clients counted.</summary>
    public int Clients { get; private set; }

    /// <summary>Sum of weight · loss, encoded.</summary>
    public long Loss => _report[1];

    /// <summary>Largest weight of one client.</summary>
    public double MaxWeight { get; private set; }

    /// <summary>Largest share of one client in the mean, in (0, 1]; 0 without clients.</summary>
    public double LargestShare => Weight > 0 ? Math.Min(1, MaxWeight / Scale.Decode(Weight)) : 0; // the sum's rounding must not make it more than all

    /// <summary>Examples the clients trained on.</summary>
    public long Examples => _report[2];

    /// <summary>Standard deviation of the noise in each of <see cref="Values"/>, encoded; 0 in a sum of updates and nothing else. It does not travel. Default: 0.</summary>
    public double Noise { get; init; }

    /// <inheritdoc/>
    public double NoiseOfMean => Noise == 0 ? 0 : Noise / Weight;

    /// <summary>Adds one client, in full or not at all.</summary>
    /// <param name="update">Segments inside the layout.</param>
    /// <param name="weight">Finite, greater than 0.</param>
    /// <param name="loss">The client's mean loss.</param>
    /// <param name="examples">Examples the client trained on.</param>
    /// <returns>False, with nothing added, when <see cref="FindFault"/> finds one.</returns>
    public bool TryAdd(UpdateBuffer update, double weight, double loss, int examples)
    {
        if (!Takes(update, weight, loss))
        {
            return false;
        }

        FixedPoint.Accumulate(update.Values, update.Offsets, update.Starts, weight, Own, Scale.Bits);
        AddReport([Scale.Encode(weight), Scale.Encode(weight * loss), examples]);
        MaxWeight = Math.Max(MaxWeight, weight);
        Clients++;
        return true;
    }

    /// <summary>Whether an update can be added.</summary>
    internal bool Takes(UpdateBuffer update, double weight, double loss) =>
        Clients < Scale.Clients && Scale.IsWeight(weight) && Math.Abs(loss) * weight <= Scale.Limit && Fits(update)
        && update.LargestTotal * weight <= Scale.Limit && FixedPoint.InRange(update.Values, weight, Scale.Limit);

    /// <summary>What is wrong with a client's update; the gravest, where more than one thing is.</summary>
    /// <param name="update">As for <see cref="TryAdd"/>.</param>
    /// <param name="weight">As for <see cref="TryAdd"/>.</param>
    /// <param name="loss">As for <see cref="TryAdd"/>.</param>
    /// <returns>Null when it can be added.</returns>
    public AggregationFault? FindFault(UpdateBuffer update, double weight, double loss) => Clients >= Scale.Clients
        ? new(FaultKind.TooManyClients, AggregationFault.OfWeight, Clients + 1.0, Scale.Clients)
        : Fits(update) ? AggregationFault.Find(update, weight, loss, Scale)
        : new(FaultKind.OutsideLayout, AggregationFault.OfWeight, 0, _bytes / sizeof(long));

    /// <summary>Whether another sum can be added: the same layout and scale, no more clients than planned, and nothing that leaves 64 bits.</summary>
    public bool CanAdd(FixedPointSum other) =>
        other._bytes == _bytes && other.Scale.Bits == Scale.Bits && (long)Clients + other.Clients <= Scale.Clients
        && (IsUntouched || (_isOfUpdates && other._isOfUpdates && other.Scale.Limit <= Scale.Limit) || FixedPoint.CanAdd(Values, other.Values)) && FixedPoint.CanAdd(_report, other._report);

    /// <summary>Adds another sum of the same layout.</summary>
    /// <exception cref="ArgumentException"><see cref="CanAdd"/> does not hold; nothing was added.</exception>
    public void Add(FixedPointSum other)
    {
        if (!CanAdd(other))
        {
            throw new ArgumentException(
                $"A sum of {other.Clients} clients, {other.Values.Length} values and {other.Scale.Bits} bits does not fit {Values.Length} values, {Scale.Bits} bits, "
                + $"{Clients} of at most {Scale.Clients} clients: another plan made it, or it is damaged.", nameof(other));
        }

        if (IsUntouched && other._travelled) // nobody changes its memory
        {
            _taken = other.Encoded;
        }
        else
        {
            TensorPrimitives.Add(Values, other.Values, Own);
        }

        AddReport(other._report);
        _isOfUpdates &= other._isOfUpdates;
        Clients += other.Clients;
        MaxWeight = Math.Max(MaxWeight, other.MaxWeight);
    }

    /// <summary>Adds a whole number of the scale to each place, such as noise.</summary>
    /// <param name="numbers">As many as <see cref="Values"/>.</param>
    internal void Add(ReadOnlySpan<long> numbers)
    {
        var own = Own;
        for (var place = 0; place < own.Length; place++)
        {
            own[place] = checked(own[place] + numbers[place]);
        }

        _isOfUpdates = false;
    }

    /// <summary>The same updates in larger units, of which each moves the mean by a part only; exact.</summary>
    /// <param name="part">What the values count, 1 to <paramref name="unit"/>.</param>
    /// <param name="unit">What weights and losses count.</param>
    /// <returns>Itself for a unit of 1; null where a number would leave 64 bits.</returns>
    public FixedPointSum? Discounted(int part, int unit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(part, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(part, unit);
        var limit = long.MaxValue / unit;
        if (unit == 1 || Values.ContainsAnyExceptInRange(-limit, limit) || Report[..2].ContainsAnyExceptInRange(-limit, limit))
        {
            return unit == 1 ? this : null;
        }

        var bytes = ModelMemory.Rent<byte>(_bytes);
        TensorPrimitives.Multiply(Values, part, MemoryMarshal.Cast<byte, long>(bytes.AsSpan()));
        return new FixedPointSum(bytes, Weight * unit, Loss * unit, Clients, Examples, MaxWeight * unit, Scale);
    }

    /// <summary>Whether weight, loss and examples could be those of one client.</summary>
    internal bool IsReportOfOne(SumScale scale, double mostWeight) =>
        Clients == 1 && scale.IsWeight(MaxWeight) && MaxWeight <= mostWeight && Weight == scale.Encode(MaxWeight) && IsWithin(Report.Slice(1, 1), scale) && Examples is >= 0 and <= int.MaxValue;

    bool IPartial.IsOfOne(SumScale scale, double mostWeight) => IsReportOfOne(scale, mostWeight) && IsWithin(Values, scale);

    private static bool IsWithin(ReadOnlySpan<long> encoded, SumScale scale) => scale.Encode(scale.Limit) is var limit && !encoded.ContainsAnyExceptInRange(-limit, limit);

    IPartial? IPartial.Discounted(int part, int unit) => Discounted(part, unit);

    FixedPointSum IPartial.Totals => this;

    FixedPointSum IAggregate.Sum => this;

    bool IPartial.TryAdd(int client, ClientUpdate update) => !update.Exact.IsEmpty ? TryTake(update) : TryAdd(update.Values, update.Weight, update.Loss, update.Examples);

    AggregationFault? IPartial.FindFault(ClientUpdate update) => !update.Exact.IsEmpty
        ? new(Clients >= Scale.Clients ? FaultKind.TooManyClients : FaultKind.TooLarge, AggregationFault.OfWeight, Scale.Decode(TensorPrimitives.MaxMagnitude(MemoryMarshal.Cast<byte, long>(update.Exact.Span))), Scale.Limit)
        : FindFault(update.Values, update.Weight, update.Loss);

    bool IPartial.IsLike(IPartial other) => other is FixedPointSum sum && sum._bytes == _bytes && sum.Scale.Bits == Scale.Bits;

    bool IPartial.CanMerge(IPartial other) => other is FixedPointSum sum && CanAdd(sum);

    void IPartial.Merge(IPartial other) => Add((FixedPointSum)other);

    IAggregate IPartial.Close() => this;

    /// <summary>Forgets everything; keeps the memory.</summary>
    public void Clear()
    {
        _taken = default;
        _own?.AsSpan().Clear();
        Array.Clear(_report);
        (Clients, MaxWeight, _isOfUpdates) = (0, 0, !_travelled);
    }

    /// <inheritdoc/>
    public void Release()
    {
        ModelMemory.Return(_own is null ? _taken : _own);
        (_own, _taken) = (null, default);
    }

    /// <summary>The weighted mean, for aggregators that need no more than that.</summary>
    /// <param name="mean">Receives the means of as many values, from the first on: what follows the parameters in an update is no part of it.</param>
    /// <exception cref="InvalidOperationException">No client was counted.</exception>
    public void Mean(Span<float> mean)
    {
        if (Clients == 0)
        {
            throw new InvalidOperationException("A mean needs at least one client.");
        }

        FixedPoint.Scale(Values[..mean.Length], 1.0 / Weight, mean); // both are scaled by 2^Bits: the scales cancel
    }

    // What one client sends as whole numbers; it is not kept where it was.
    private bool TryTake(ClientUpdate update)
    {
        var exact = new FixedPointSum(update.Exact, Scale.IsWeight(update.Weight) ? Scale.Encode(update.Weight) : 0, loss: 0, clients: 1, update.Examples, update.Weight, Scale);
        if (!((IPartial)exact).IsOfOne(Scale, update.Weight) || !CanAdd(exact))
        {
            return false;
        }

        _ = Own; // so that nothing is taken as it is
        Add(exact);
        update.Exact.Span.Clear();
        return true;
    }

    // Fails for a sum that travelled: its memory belongs to the message.
    private Span<long> Own => !_travelled ? MemoryMarshal.Cast<byte, long>(Memory().AsSpan()) : throw new InvalidOperationException("A received sum cannot be added to.");

    private void AddReport(ReadOnlySpan<long> report)
    {
        for (var i = 0; i < report.Length; i++)
        {
            _report[i] += report[i];
        }
    }

    private bool IsUntouched => !_travelled && _own is null && _taken.IsEmpty;

    private byte[] Memory()
    {
        if (_own is null)
        {
            _own = ModelMemory.Rent<byte>(_bytes);
            if (_taken.IsEmpty)
            {
                _own.AsSpan().Clear();
            }

            _taken.Span.CopyTo(_own);
            _taken = default;
        }

        return _own;
    }

    private bool Fits(UpdateBuffer update) => update.First >= 0 && update.End <= _bytes / sizeof(long);
}
