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
