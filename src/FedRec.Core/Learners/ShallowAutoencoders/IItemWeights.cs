using FedRec.Core.Data;
using FedRec.Core.Snapshots;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.ShallowAutoencoders;

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
internal sealed class WeightSimilarity(IItemWeights weights, string learner) : IItemSimilarity
{
    /// <inheritdoc/>
    public string Words => $"what having met the item adds to the score of the other, a row of the weights of {learner}";

    /// <inheritdoc/>
    public bool Measure(int item, Span<float> similarities)
    {
        weights.Score([item], [], similarities);
        similarities[item] = float.NaN;
        return true;
    }
}

/// <summary>How often items are met together, XᵀX, in a form that adds up over users: what clients contribute and a model keeps.</summary>
/// <remarks>Whole numbers of units only. Adding a user, and taking the same user away again, therefore leaves every bit as it was.</remarks>
internal interface ICoOccurrences
{
    /// <summary>The blocks of the statistics; they stand first in the parameters, and are the update of a round of counts.</summary>
    ReadOnlySpan<ParameterBlock> Blocks { get; }

    /// <summary>Makes the scratch memory of one thread.</summary>
    IShare CreateShare();

    /// <summary>Units counted for each item by itself.</summary>
    /// <param name="statistics">The blocks' values.</param>
    /// <param name="counts">Receives one number per item.</param>
    void Counts(ReadOnlySpan<float> statistics, Span<float> counts);

    /// <summary>Solves for the item weights.</summary>
    /// <param name="statistics">The blocks' values.</param>
    /// <param name="unit">What one user counts, so that counts are users.</param>
    /// <param name="penalties">λ of each item, all greater than 0.</param>
    /// <param name="isKept">Whether <see cref="IItemWeights.ToSnapshot"/> will be asked for, which takes memory meanwhile.</param>
    /// <returns>B of Steck 2019, equation 8.</returns>
    IItemWeights Solve(ReadOnlySpan<float> statistics, double unit, ReadOnlySpan<double> penalties, bool isKept);

    /// <summary>Reads what <see cref="IItemWeights.ToSnapshot"/> gave of weights that were solved for.</summary>
    /// <exception cref="InvalidDataException">They are not of these items.</exception>
    IItemWeights Read(ModelSnapshot snapshot);
}

/// <summary>Works one user's share of the statistics out. Not thread-safe.</summary>
internal interface IShare
{
    /// <summary>Adds what changes when a user's items change.</summary>
    /// <param name="before">What is in the statistics already; nothing for a new user.</param>
    /// <param name="after">What shall be in them; nothing removes the user.</param>
    /// <param name="kernel">What a pair counts.</param>
    /// <param name="output">Receives the difference of the two shares.</param>
    /// <returns>Largest magnitude that was added in one place.</returns>
    double Add(UserHistory before, UserHistory after, TimeKernel kernel, UpdateBuffer output);
}
