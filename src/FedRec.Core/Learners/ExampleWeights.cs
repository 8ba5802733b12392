using System.Numerics.Tensors;

namespace FedRec.Core.Learners;

/// <summary>What a user's own items count in a loss: a number of times each, which need not be whole (Hu et al. 2008: confidence).</summary>
internal static class ExampleWeights
{
    /// <summary>Forgets weights that are all 1, so that such a user is trained and scored bit for bit as without weights.</summary>
    public static ReadOnlySpan<float> Shorten(ReadOnlySpan<float> weights) => weights.ContainsAnyExcept(1f) ? weights : [];

    /// <summary>The sum of the weights of a number of items.</summary>
    public static double Total(int items, ReadOnlySpan<float> weights) => weights.IsEmpty ? items : TensorPrimitives.Sum(weights);
}
