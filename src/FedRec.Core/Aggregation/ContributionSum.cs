using System.Runtime.InteropServices;

namespace FedRec.Core.Aggregation;

/// <summary>The exact sum of clients' contributions, in <see cref="FixedPoint"/>. Sums of sums are again exact.</summary>
/// <remarks>Not thread-safe: one per training thread, merged afterwards. The encoded bytes are the memory itself, so that a sum
/// is sent and received without a copy.</remarks>
public sealed class ContributionSum
{
    private readonly byte[] _own;

    /// <summary>An empty sum.</summary>
    /// <param name="length">Values of the contribution layout.</param>
    public ContributionSum(int length)
    {
        _own = new byte[checked(length * sizeof(long))];
        Encoded = _own;
    }

    /// <summary>A sum that travelled as its parts; it can be read and added to others, but not added to.</summary>
    /// <param name="encoded">As <see cref="Encoded"/>; kept, not copied.</param>
    /// <param name="weight">As <see cref="Weight"/>.</param>
    /// <param name="loss">As <see cref="Loss"/>.</param>
    /// <param name="clients">As <see cref="Clients"/>.</param>
    /// <param name="examples">As <see cref="Examples"/>.</param>
    /// <param name="maxWeight">As <see cref="MaxWeight"/>.</param>
    public ContributionSum(ReadOnlyMemory<byte> encoded, long weight, long loss, int clients, long examples, double maxWeight)
    {
        _own = [];
        (Encoded, Weight, Loss, Clients, Examples, MaxWeight) = (encoded, weight, loss, clients, examples, maxWeight);
    }

    /// <summary>Encoded sums, one per value of the contribution layout.</summary>
    public ReadOnlySpan<long> Values => MemoryMarshal.Cast<byte, long>(Encoded.Span);

    /// <summary>The encoded sums as bytes, little-endian; the memory itself, which changes while clients are added.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>Sum of the clients' weights, encoded.</summary>
    public long Weight { get; private set; }

    /// <summary>Clients counted.</summary>
    public int Clients { get; private set; }

    /// <summary>Sum of weight · loss, encoded.</summary>
    public long Loss { get; private set; }

    /// <summary>Largest weight of one client.</summary>
    public double MaxWeight { get; private set; }

    /// <summary>Largest share of one client in the mean, in (0, 1]; 0 without clients.</summary>
    public double LargestShare => Weight > 0 ? Math.Min(1, MaxWeight / FixedPoint.Decode(Weight)) : 0; // the sum's rounding must not make it more than all

    /// <summary>Examples the clients trained on.</summary>
    public long Examples { get; private set; }

    /// <summary>Adds one client, in full or not at all.</summary>
    /// <param name="contribution">Segments inside the layout.</param>
    /// <param name="weight">Finite, greater than 0.</param>
    /// <param name="loss">The client's mean loss.</param>
    /// <param name="examples">Examples the client trained on.</param>
    /// <returns>False, with nothing added, when a value is not finite, out of range or outside the layout.</returns>
    public bool TryAdd(ContributionBuffer contribution, double weight, double loss, int examples)
    {
        if (!(weight is > 0 and <= FixedPoint.Limit) || !(Math.Abs(loss) * weight <= FixedPoint.Limit) || !Fits(contribution)
            || !FixedPoint.InRange(contribution.Values, weight))
        {
            return false;
        }

        for (var segment = 0; segment < contribution.SegmentCount; segment++)
        {
            var values = contribution.SegmentValues(segment);
            FixedPoint.Accumulate(values, weight, Own.Slice(contribution.Offset(segment), values.Length));
        }

        Weight += FixedPoint.Encode(weight);
        Loss += FixedPoint.Encode(weight * loss);
        MaxWeight = Math.Max(MaxWeight, weight);
        Examples += examples;
        Clients++;
        return true;
    }

    /// <summary>Adds another sum of the same layout.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Add(ContributionSum other)
    {
        if (other.Values.Length != Values.Length)
        {
            throw new ArgumentException($"A sum of {other.Values.Length} values does not fit {Values.Length}.", nameof(other));
        }

        System.Numerics.Tensors.TensorPrimitives.Add(Values, other.Values, Own);
        Weight += other.Weight;
        Loss += other.Loss;
        Clients += other.Clients;
        Examples += other.Examples;
        MaxWeight = Math.Max(MaxWeight, other.MaxWeight);
    }

    /// <summary>Forgets everything; keeps the memory.</summary>
    public void Clear()
    {
        Own.Clear();
        (Weight, Loss, Clients, Examples, MaxWeight) = (0, 0, 0, 0, 0);
    }

    /// <summary>The weighted mean, for aggregators that need no more than that.</summary>
    /// <param name="mean">Receives the means of as many values, from the first on: what follows the parameters in a contribution is no part of it.</param>
    /// <exception cref="InvalidOperationException">No client was counted.</exception>
    public void Mean(Span<float> mean)
    {
        if (Clients == 0)
        {
            throw new InvalidOperationException("A mean needs at least one client.");
        }

        var scale = 1.0 / Weight; // both are scaled by 2^Bits: the scales cancel
        var values = Values;
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] = (float)(values[i] * scale);
        }
    }

    // Fails for a sum that travelled: its memory belongs to the message.
    private Span<long> Own => _own.Length == Encoded.Length
        ? MemoryMarshal.Cast<byte, long>(_own.AsSpan())
        : throw new InvalidOperationException("A received sum cannot be added to.");

    private bool Fits(ContributionBuffer contribution)
    {
        for (var segment = 0; segment < contribution.SegmentCount; segment++)
        {
            var offset = contribution.Offset(segment);
            if (offset < 0 || offset + contribution.SegmentValues(segment).Length > Values.Length)
            {
                return false;
            }
        }

        return true;
    }
}
