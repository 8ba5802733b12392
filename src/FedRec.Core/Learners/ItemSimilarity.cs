using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Learners;

/// <summary>Which items a version holds near to an item, by the version alone: no user's data is looked at.</summary>
/// <remarks>Optional: a learner says so in <see cref="ILearnerWorker.Similarity"/>. Above 0 is near, and more is nearer.</remarks>
public interface IItemSimilarity
{
    /// <summary>How it is measured, for people: a phrase.</summary>
    string Words { get; }

    /// <summary>How near all items are to one.</summary>
    /// <param name="item">The item.</param>
    /// <param name="similarities">Receives one value per item of the catalogue; NaN for the item itself and for items that the version does not know.</param>
    /// <returns>False when the version does not know the item: then all are NaN.</returns>
    bool Measure(int item, Span<float> similarities);
}

/// <summary>The cosine of the angle between item vectors; 0 where a vector is zero.</summary>
/// <param name="vectors">items × dims, row-major.</param>
/// <param name="dims">Length of a vector.</param>
internal sealed class VectorSimilarity(ReadOnlyMemory<float> vectors, int dims) : IItemSimilarity
{
    /// <inheritdoc/>
    public string Words => "the cosine of the angle between the vectors of both items";

    /// <inheritdoc/>
    public bool Measure(int item, Span<float> similarities)
    {
        var own = Vector(item);
        var length = MathF.Sqrt(VectorKernels.Dot(own, own));
        for (var other = 0; other < similarities.Length; other++)
        {
            var vector = Vector(other);
            var lengths = length * MathF.Sqrt(VectorKernels.Dot(vector, vector));
            similarities[other] = lengths > 0 ? VectorKernels.Dot(own, vector) / lengths : 0;
        }

        similarities[item] = float.NaN;
        return true;
    }

    private ReadOnlySpan<float> Vector(int item) => vectors.Span.Slice(item * dims, dims);
}
