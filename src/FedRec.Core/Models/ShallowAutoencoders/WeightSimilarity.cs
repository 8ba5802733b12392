namespace FedRec.Core.Models.ShallowAutoencoders;

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
