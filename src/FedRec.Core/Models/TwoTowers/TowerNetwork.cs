using FedRec.Core.Models.NeuralCollaborativeFiltering;
using static TorchSharp.torch;

namespace FedRec.Core.Models.TwoTowers;

/// <summary>The forward pass of both towers. Lives in the caller's dispose scope.</summary>
internal sealed class TowerNetwork
{
    private readonly Tensor[] _blocks;

    /// <param name="shape">The towers.</param>
    /// <param name="dense">[values of both towers].</param>
    public TowerNetwork(TwoTowerShape shape, Tensor dense)
    {
        _blocks = DenseLayers.Views(dense, shape.Layout.Blocks[shape.FirstTower..]);
    }

    /// <summary>What the towers see of items, and their biases.</summary>
    /// <param name="rows">[items, dims + 1].</param>
    /// <param name="known">[items, 1]: 0 for an item without interactions.</param>
    /// <param name="features">[items, encoded features]; null when there are none.</param>
    public static (Tensor Inputs, Tensor Biases) Items(Tensor rows, Tensor known, Tensor? features)
    {
        var parts = (rows * known).split([rows.shape[1] - 1, 1L], 1);
        return (features is null ? parts[0] : cat([parts[0], features], 1), parts[1]);
    }

    /// <summary>What the item tower gives.</summary>
    /// <param name="inputs">[items, item inputs].</param>
    public Tensor ItemTower(Tensor inputs) => Tower(inputs, TwoTowerShape.TowerBlocks);

    /// <summary>What the user tower gives.</summary>
    /// <param name="features">[users, encoded features]; null when there are none.</param>
    /// <param name="weights">[users, own items] as <see cref="HistoryWeights"/> makes them; their squares make a mean.</param>
    /// <param name="own">[own items, item inputs].</param>
    public Tensor UserTower(Tensor? features, Tensor weights, Tensor own)
    {
        var mean = (weights * weights).mm(own);
        return Tower(features is null ? mean : cat([features, mean], 1), 0);
    }

    /// <summary>A score for every pair.</summary>
    public static Tensor Scores(Tensor users, Tensor items, Tensor biases) => HostTensors.Add(users.mm(items.t()), biases.t());

    private Tensor Tower(Tensor inputs, int first) => DenseLayers.Run(_blocks.AsSpan(first, TwoTowerShape.TowerBlocks), inputs);
}
