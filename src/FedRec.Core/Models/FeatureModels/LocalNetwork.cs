using FedRec.Core.Models.NeuralCollaborativeFiltering;
using static TorchSharp.torch;

namespace FedRec.Core.Models.FeatureModels;

/// <summary>The network on torch, for training: views on one flat tensor. Lives in the caller's dispose scope.</summary>
internal sealed class LocalNetwork
{
    private readonly Tensor[] _blocks;

    /// <param name="shape">The layers.</param>
    /// <param name="layers">[values of all layers].</param>
    public LocalNetwork(FeatureModelShape shape, Tensor layers)
    {
        var blocks = shape.Layout.Blocks[FeatureModelShape.FirstLayer..];
        _blocks = [.. layers.split([.. blocks.Select(block => (long)block.Length)]).Zip(blocks, (part, block) => part.view(block.Rows, block.Columns))];
    }

    /// <summary>The outputs of a batch before the link function, [rows, outputs].</summary>
    /// <param name="input">[rows, inputs].</param>
    /// <param name="dropout">Applied after each ReLU; null for none.</param>
    public Tensor Run(Tensor input, Dropout? dropout)
    {
        var values = input; // [rows, width]
        for (var block = 0; block < _blocks.Length; block += 2)
        {
            values = addmm(_blocks[block + 1], values, _blocks[block].t(), 1, 1);
            if (block < _blocks.Length - 2)
            {
                values = values.relu();
                values = dropout is null ? values : dropout.Apply(values);
            }
        }

        return values;
    }
}
