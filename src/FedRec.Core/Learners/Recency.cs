using FedRec.Core.Data;
using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Learners;

/// <summary>What own items weigh in a score: exp(−age/τ).</summary>
internal static class Recency
{
    private const float Negligible = 1f / (1 << 24); // of the newest item's weight: below what float32 tells apart in their sum

    /// <summary>Works the weights out.</summary>
    /// <param name="ages">Ages of the items, in items.</param>
    /// <param name="tau">τ, more than 0.</param>
    /// <param name="factors">Receives one weight per item, 0 for those that weigh next to nothing.</param>
    public static void Factors(ReadOnlySpan<float> ages, double tau, Span<float> factors)
    {
        for (var i = 0; i < ages.Length; i++)
        {
            var factor = (float)Math.Exp(-ages[i] / tau);
            factors[i] = factor < Negligible ? 0 : factor;
        }
    }

    /// <summary>What own items count when the newer ones count more; their weights alone where τ is 0 or their order is not known.</summary>
    /// <param name="history">The user's items.</param>
    /// <param name="tau">τ, at least 0.</param>
    /// <param name="scratch">Grows as needed; the result may lie in it.</param>
    public static ReadOnlySpan<float> Counts(UserHistory history, double tau, ref float[] scratch)
    {
        if (tau == 0 || history.Ages.IsEmpty)
        {
            return history.Weights;
        }

        if (scratch.Length < history.Items.Length)
        {
            scratch = new float[2 * history.Items.Length];
        }

        var counts = scratch.AsSpan(0, history.Items.Length);
        Factors(history.Ages, tau, counts);
        if (!history.Weights.IsEmpty)
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(counts, history.Weights, counts);
        }

        return counts;
    }
}

/// <summary>What a user's own items count in a loss: a number of times each, which need not be whole (Hu et al. 2008: confidence).</summary>
internal static class ExampleWeights
{
    /// <summary>Forgets weights that are all 1, so that such a user is trained and scored bit for bit as without weights.</summary>
    public static ReadOnlySpan<float> Shorten(ReadOnlySpan<float> weights) => weights.ContainsAnyExcept(1f) ? weights : [];

    /// <summary>The sum of the weights of a number of items.</summary>
    public static double Total(int items, ReadOnlySpan<float> weights) => weights.IsEmpty ? items : VectorKernels.Sum(weights);
}
