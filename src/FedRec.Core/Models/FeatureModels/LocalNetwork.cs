using FedRec.Core.Data.Features;
using FedRec.Core.Models.NeuralCollaborativeFiltering;
using static TorchSharp.torch;

namespace FedRec.Core.Models.FeatureModels;

/// <summary>The network on torch, for training: views on one flat tensor. Lives in the caller's dispose scope.</summary>
internal sealed class LocalNetwork
{
    private readonly FeatureModelShape _shape;
    private readonly Tensor[] _blocks;

    /// <param name="shape">The layers.</param>
    /// <param name="layers">[values of all layers].</param>
    public LocalNetwork(FeatureModelShape shape, Tensor layers)
    {
        _shape = shape;
        var blocks = shape.Layout.Blocks[FeatureModelShape.FirstLayer..];
        _blocks = [.. layers.split([.. blocks.Select(block => (long)block.Length)]).Zip(blocks, (part, block) => part.view(block.Rows, block.Columns))];
    }

    /// <summary>Mean loss of a batch.</summary>
    /// <param name="input">[rows, inputs].</param>
    /// <param name="targets">[rows, outputs]: a standardised number, 1 for the positive class, or 1 / rows at the class.</param>
    /// <param name="dropout">Applied after each ReLU; null for none.</param>
    public Tensor Loss(Tensor input, Tensor targets, Dropout? dropout)
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

        return _shape.Task.Kind switch
        {
            LabelKind.Regression => nn.functional.mse_loss(values, targets),
            LabelKind.Binary => nn.functional.binary_cross_entropy_with_logits(values, targets),
            _ => -(nn.functional.log_softmax(values, 1) * targets).sum(),
        };
    }
}
