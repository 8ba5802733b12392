using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Randomness;

namespace FedRec.Core.Learners.Networks;

/// <summary>How much each own item adds to its user's embedding: 1/√n for each of the n items that count.</summary>
/// <remarks>Between a sum, which makes long histories extreme, and a mean, which makes all users alike (Kabbur et al. 2013, FISM,
/// equation 2, with its exponent 1/2).</remarks>
internal static class HistoryWeights
{
    /// <summary>Weight of each of <paramref name="count"/> items.</summary>
    public static float Of(int count) => count == 0 ? 0 : 1 / MathF.Sqrt(count);

    /// <summary>Writes the weights of a user's items where the newer ones add more (<see cref="Recency"/>); their squares add up to 1, as they do where all add alike.</summary>
    /// <param name="history">The user's items.</param>
    /// <param name="tau">τ; 0 where all add alike.</param>
    /// <param name="without">Place of an item that is left out; −1 for none.</param>
    /// <param name="weights">Receives one weight per item.</param>
    public static void Fill(UserHistory history, double tau, int without, Span<float> weights)
    {
        if (tau == 0 || history.Ages.IsEmpty)
        {
            weights.Fill(Of(weights.Length - (without < 0 ? 0 : 1)));
        }
        else
        {
            Recency.Factors(history.Ages, tau, weights);
        }

        if (without >= 0)
        {
            weights[without] = 0;
        }

        if (tau > 0 && !history.Ages.IsEmpty && weights.ContainsAnyExcept(0f))
        {
            TensorPrimitives.Divide(weights, MathF.Sqrt(VectorKernels.Dot(weights, weights)), weights);
        }
    }

    /// <summary>Writes the weights of a user's items, leaving some out by chance.</summary>
    /// <param name="slots">Where the user's items stand in the row.</param>
    /// <param name="chance">Chance that an item is left out.</param>
    /// <param name="random">Goes on by one draw for each item, if there is a chance.</param>
    /// <param name="row">Zeros; receives the weights.</param>
    public static void Draw(ReadOnlySpan<int> slots, double chance, ref SeededRandom random, Span<float> row)
    {
        var kept = 0;
        foreach (var slot in slots)
        {
            var stays = chance == 0 || random.NextDouble() >= chance;
            row[slot] = stays ? 1 : 0;
            kept += stays ? 1 : 0;
        }

        var weight = Of(kept);
        foreach (var slot in slots)
        {
            row[slot] *= weight;
        }
    }
}
