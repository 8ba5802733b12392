using FedRec.Core.Snapshots;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>The item–item weights B of one model; immutable and thread-safe.</summary>
internal interface IItemWeights
{
    /// <summary>Scores the catalogue: the sum of the weights from each own item.</summary>
    /// <param name="own">The user's items, ascending.</param>
    /// <param name="factors">What each of them weighs; empty where each weighs 1.</param>
    /// <param name="scores">Receives one score per item.</param>
    void Score(ReadOnlySpan<int> own, ReadOnlySpan<float> factors, Span<float> scores);

    /// <summary>What an own item adds to the score of another item; 0 for an item and itself.</summary>
    float Weight(int own, int item);

    /// <summary>What they follow from, as tensors.</summary>
    ModelSnapshot ToSnapshot();
}

/// <summary>A row of B: what an item adds to the scores of all others when it is met.</summary>
/// <remarks>Not symmetric: what speaks for a rare item need not be what the rare item speaks for.</remarks>
internal sealed class WeightSimilarity(IItemWeights weights) : IItemSimilarity
{
    /// <inheritdoc/>
    public string Words => "what having met the item adds to the score of the other, a row of the weights of ease";

    /// <inheritdoc/>
    public bool Measure(int item, Span<float> similarities)
    {
        weights.Score([item], [], similarities);
        similarities[item] = float.NaN;
        return true;
    }
}
