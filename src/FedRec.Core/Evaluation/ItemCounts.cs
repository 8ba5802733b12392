using System.Runtime.InteropServices;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Evaluation;

/// <summary>How many users have met each item in training, summed over clients. Exact in any order. Not thread-safe.</summary>
/// <param name="items">Items of the catalogue.</param>
public sealed class ItemCounts(int items) : IEvaluationSums
{
    private readonly int[] _counts = new int[items];

    /// <summary>Users that have met each item.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Adds a user.</summary>
    /// <param name="met">The user's items, each once.</param>
    public void AddUser(ReadOnlySpan<int> met)
    {
        foreach (var item in met)
        {
            _counts[item]++;
        }
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != _counts.Length * sizeof(int))
        {
            throw new InvalidDataException($"{bytes.Length} bytes are no counts of {_counts.Length} items.");
        }

        System.Numerics.Tensors.TensorPrimitives.Add(_counts, MemoryMarshal.Cast<byte, int>(bytes), _counts);
    }

    /// <inheritdoc/>
    public byte[] ToBytes() => MemoryMarshal.AsBytes(_counts.AsSpan()).ToArray();
}
