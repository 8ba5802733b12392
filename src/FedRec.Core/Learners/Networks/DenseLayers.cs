using System.Runtime.InteropServices;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.Networks;

/// <summary>Fully connected layers on torch: the weights [outputs, inputs] of each, then its bias [1, outputs].</summary>
internal static class DenseLayers
{
    /// <summary>Views on one flat tensor, so that an optimizer steps all of it at once.</summary>
    /// <param name="flat">[values of all blocks].</param>
    /// <param name="blocks">The blocks in the order of their values.</param>
    public static Tensor[] Views(Tensor flat, IReadOnlyList<ParameterBlock> blocks) =>
        [.. flat.split([.. blocks.Select(block => (long)block.Length)]).Zip(blocks, (part, block) => part.view(block.Rows, block.Columns))];

    /// <summary>The outputs of layers with a ReLU between any two of them.</summary>
    /// <param name="layers">Weights and bias of each layer.</param>
    /// <param name="input">[rows, inputs].</param>
    /// <param name="dropout">Applied after each ReLU; null for none.</param>
    public static Tensor Run(ReadOnlySpan<Tensor> layers, Tensor input, Dropout? dropout = null)
    {
        var values = Apply(layers, input); // [rows, width]
        for (var next = layers[2..]; !next.IsEmpty; next = next[2..])
        {
            values = Apply(next, Activate(values, dropout));
        }

        return values;
    }

    /// <summary>input · weightsᵀ + bias of the first layer.</summary>
    public static Tensor Apply(ReadOnlySpan<Tensor> layers, Tensor input) => addmm(layers[1], input, layers[0].t(), 1, 1);

    /// <summary>ReLU, then dropout.</summary>
    public static Tensor Activate(Tensor values, Dropout? dropout)
    {
        var active = values.relu();
        return dropout is null ? active : dropout.Apply(active);
    }
}

/// <summary>Leaves values out at random and scales the others up, so that the expected value stays.</summary>
/// <remarks>Srivastava et al. 2014, JMLR 15. Masks come from the client's own draws: torch's generator is shared by the process,
/// and results would depend on who trains beside whom. Sixteen bits decide on a value, so the chance is exact to 1/65,536.</remarks>
internal sealed class Dropout(double chance, SeededRandom random)
{
    private readonly uint _threshold = (uint)Math.Round(chance * 65_536);
    private SeededRandom _random = random;

    /// <summary>The values that stay, scaled by 1 / (1 − chance).</summary>
    public Tensor Apply(Tensor values) => values * Mask(values.shape);

    /// <summary>A fresh mask of zeros and 1 / (1 − chance).</summary>
    internal Tensor Mask(long[] shape)
    {
        var mask = empty(shape);
        var target = MemoryMarshal.Cast<byte, float>(mask.bytes);
        var kept = 65_536f / (65_536 - _threshold);
        for (var i = 0; i < target.Length; i += 4)
        {
            var bits = _random.NextUInt64();
            for (var j = i; j < Math.Min(i + 4, target.Length); j++, bits >>= 16)
            {
                target[j] = (bits & 0xFFFF) < _threshold ? 0 : kept;
            }
        }

        return mask;
    }
}

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
