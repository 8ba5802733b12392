using FedRec.Core.Learners.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>The forward pass of both towers. Lives in the caller's dispose scope.</summary>
internal sealed class TowerNetwork
{
    private static readonly Scalar s_share = TwoTowerShape.TowerShare; // kept: see HostTensors.Add
    private readonly Tensor[] _blocks;
    private readonly int _dims;

    /// <param name="shape">The towers.</param>
    /// <param name="dense">[values of both towers].</param>
    public TowerNetwork(TwoTowerShape shape, Tensor dense) =>
        (_blocks, _dims) = (DenseLayers.Views(dense, shape.Layout.Blocks[shape.FirstTower..]), shape.Dims);

    /// <summary>What the towers see of items, and their biases.</summary>
    /// <param name="rows">[items, dims + 1].</param>
    /// <param name="known">[items, 1]: 0 for an item without interactions.</param>
    /// <param name="features">[items, encoded features]; null when there are none.</param>
    public static (Tensor Inputs, Tensor Biases) Items(Tensor rows, Tensor known, Tensor? features)
    {
        var parts = (rows * known).split([rows.shape[1] - 1, 1L], 1);
        return (features is null ? parts[0] : cat([parts[0], features], 1), parts[1]);
    }

    /// <summary>The items' vectors: their embeddings, and a share of what their tower gives.</summary>
    /// <param name="inputs">[items, item inputs].</param>
    public Tensor ItemVectors(Tensor inputs) => Embeddings(inputs).add(Tower(inputs, TwoTowerShape.TowerBlocks), s_share);

    /// <summary>The users' vectors: the sum of their items' embeddings over the root of their number, and a share of what their tower gives.</summary>
    /// <param name="features">[users, encoded features]; null when there are none.</param>
    /// <param name="weights">[users, own items] as <see cref="HistoryWeights"/> makes them; their squares make a mean.</param>
    /// <param name="own">[own items, item inputs].</param>
    public Tensor UserVectors(Tensor? features, Tensor weights, Tensor own)
    {
        var mean = (weights * weights).mm(own);
        return weights.mm(Embeddings(own)).add(Tower(features is null ? mean : cat([features, mean], 1), 0), s_share);
    }

    /// <summary>A score for every pair.</summary>
    public static Tensor Scores(Tensor users, Tensor items, Tensor biases) => HostTensors.Add(users.mm(items.t()), biases.t());

    private Tensor Embeddings(Tensor inputs) => inputs.narrow(1, 0, _dims);

    private Tensor Tower(Tensor inputs, int first) => DenseLayers.Run(_blocks.AsSpan(first, TwoTowerShape.TowerBlocks), inputs);
}
