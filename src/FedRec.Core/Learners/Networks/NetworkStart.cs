using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.Networks;

/// <summary>Initial values of each block.</summary>
/// <remarks>Embeddings are small, so that no item is ahead of another; biases and the start embedding are zero; GMF begins as a plain
/// product (weights 1); ReLU layers keep the size of their input (He et al. 2015, arXiv:1502.01852).</remarks>
internal static class NetworkStart
{
    public static void Fill(ParameterBlock block, NeuralOptions options, ref SeededRandom random, Span<float> values)
    {
        if (block.Name == "gmf_output")
        {
            values.Fill(1);
            return;
        }

        if (block.Name == "start_embedding" || block.Name.EndsWith("_bias", StringComparison.Ordinal))
        {
            return;
        }

        var embeddings = block.Name.EndsWith("_embeddings", StringComparison.Ordinal);
        var deviation = embeddings ? options.InitScale / Math.Sqrt(options.Dims) : Math.Sqrt(2.0 / FanIn(block));
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(deviation * random.NextGaussian());
        }

        if (block.Name == "item_embeddings")
        {
            ZeroBiases(block, values);
        }
    }

    private static int FanIn(ParameterBlock block) => block.Name.StartsWith("layer1_", StringComparison.Ordinal) ? 2 * block.Columns : block.Columns;

    private static void ZeroBiases(ParameterBlock block, Span<float> values)
    {
        for (var item = 0; item < block.Rows; item++)
        {
            values[(item * block.Columns) + block.Columns - 1] = 0;
        }
    }
}
