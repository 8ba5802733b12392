using System.Runtime.InteropServices;

namespace FedRec.Core.Aggregation;

/// <summary>The exact sum of clients' contributions, in <see cref="FixedPoint"/>. Sums of sums are again exact.</summary>
/// <remarks>Not thread-safe: one per training thread, merged afterwards.</remarks>
public sealed class ContributionSum(int length)
{
    private readonly long[] _values = new long[length];

    /// <summary>Encoded sums, one per value of the contribution layout.</summary>
    public ReadOnlySpan<long> Values => _values;

    /// <summary>Sum of the clients' weights, encoded.</summary>
    public long Weight { get; private set; }

    /// <summary>Clients counted.</summary>
    public int Clients { get; private set; }

    /// <summary>Sum of weight · loss, encoded.</summary>
    public long Loss { get; private set; }

    /// <summary>Largest weight of one client.</summary>
    public double MaxWeight { get; private set; }

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
            FixedPoint.Accumulate(values, weight, _values.AsSpan(contribution.Offset(segment), values.Length));
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
    public void Add(ContributionSum other) =>
        Add(other._values, other.Weight, other.Loss, other.Clients, other.Examples, other.MaxWeight);

    /// <summary>Adds a sum that travelled as its parts.</summary>
    /// <exception cref="ArgumentException">The number of values differs.</exception>
    public void Add(ReadOnlySpan<long> values, long weight, long loss, int clients, long examples, double maxWeight)
    {
        if (values.Length != _values.Length)
        {
            throw new ArgumentException($"A sum of {values.Length} values does not fit {_values.Length}.", nameof(values));
        }

        System.Numerics.Tensors.TensorPrimitives.Add(_values, values, _values);
        Weight += weight;
        Loss += loss;
        Clients += clients;
        Examples += examples;
        MaxWeight = Math.Max(MaxWeight, maxWeight);
    }

    /// <summary>Forgets everything; keeps the memory.</summary>
    public void Clear()
    {
        Array.Clear(_values);
        (Weight, Loss, Clients, Examples, MaxWeight) = (0, 0, 0, 0, 0);
    }

    /// <summary>The weighted mean, for aggregators that need no more than that.</summary>
    /// <param name="mean">Receives one value per value of the layout.</param>
    /// <exception cref="InvalidOperationException">No client was counted.</exception>
    public void Mean(Span<float> mean)
    {
        if (Clients == 0)
        {
            throw new InvalidOperationException("A mean needs at least one client.");
        }

        var scale = 1.0 / Weight; // both are scaled by 2^Bits: the scales cancel
        for (var i = 0; i < _values.Length; i++)
        {
            mean[i] = (float)(_values[i] * scale);
        }
    }

    /// <summary>The encoded sums as bytes, little-endian.</summary>
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(_values.AsSpan());

    private bool Fits(ContributionBuffer contribution)
    {
        for (var segment = 0; segment < contribution.SegmentCount; segment++)
        {
            var offset = contribution.Offset(segment);
            if (offset < 0 || offset + contribution.SegmentValues(segment).Length > _values.Length)
            {
                return false;
            }
        }

        return true;
    }
}
