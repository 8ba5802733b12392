using FedRec.Core.Learners.Networks;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.NeuralCollaborativeFiltering;

/// <summary>The forward pass: user embeddings from histories, and a score for each pair of a user and an item.</summary>
/// <remarks>It lives in the caller's dispose scope.</remarks>
internal sealed class Network
{
    private readonly NetworkShape _shape;
    private readonly Tensor[] _blocks;

    /// <summary>Reads the blocks that every client touches.</summary>
    /// <param name="shape">The configuration.</param>
    /// <param name="dense">[values of the dense blocks].</param>
    public Network(NetworkShape shape, Tensor dense)
    {
        _shape = shape;
        _blocks = DenseLayers.Views(dense, shape.DenseBlocks);
    }

    /// <summary>The embedding of each user: the shared start plus the weighted rows of the items it has met.</summary>
    /// <param name="weights">[users, items]; see <see cref="HistoryWeights"/>.</param>
    /// <param name="history">[items, user columns].</param>
    /// <returns>[users, user columns].</returns>
    public Tensor Users(Tensor weights, Tensor history) => addmm(_blocks[0], weights, history, 1, 1);

    /// <summary>A score for every pair.</summary>
    /// <param name="users">[users, user columns].</param>
    /// <param name="items">[items, item columns].</param>
    /// <param name="dropout">Applied after each ReLU; null when not training.</param>
    /// <returns>[users, items].</returns>
    public Tensor Scores(Tensor users, Tensor items, Dropout? dropout = null)
    {
        var (ofUsers, ofItems) = (Columns(users, 0), Columns(items, 1));
        var tower = _shape.HasTower ? Tower(ofUsers[^1], ofItems[^2], dropout) : null;
        var product = _shape.HasProduct ? Product(ofUsers[0], ofItems[0]) : null;
        var pairs = tower is null ? product! : product is null ? tower : HostTensors.Add(tower, product);
        return HostTensors.Add(pairs, ofItems[^1].t());
    }

    /// <summary>The embeddings of each part, and what follows them: one split costs a backward pass less than several views.</summary>
    private Tensor[] Columns(Tensor rows, int extra)
    {
        var parts = Enumerable.Repeat((long)_shape.Dims, _shape.UserColumns / _shape.Dims);
        return rows.split([.. parts, .. Enumerable.Repeat(1L, extra)], 1);
    }

    /// <summary>Σ w·(p ⊙ q) for every pair, as one matrix product.</summary>
    private Tensor Product(Tensor users, Tensor items) => (users * _blocks[1]).mm(items.t());

    /// <summary>The ReLU layers over p and q side by side, and their output.</summary>
    private Tensor Tower(Tensor users, Tensor items, Dropout? dropout)
    {
        var block = _shape.HasProduct ? 2 : 1;
        var ofUsers = users.mm(_blocks[block++].t()).unsqueeze(1); // [users, 1, width]
        var ofItems = DenseLayers.Apply(_blocks.AsSpan(block), items).unsqueeze(0); // [1, items, width]
        block += 2;
        var hidden = DenseLayers.Activate(HostTensors.Add(ofUsers, ofItems), dropout).flatten(0, 1); // [users · items, width]
        for (var layer = 1; layer < _shape.Widths.Length; layer++)
        {
            hidden = DenseLayers.Activate(DenseLayers.Apply(_blocks.AsSpan(block), hidden), dropout);
            block += 2;
        }

        return hidden.mv(_blocks[block].flatten()).view(users.shape[0], items.shape[0]);
    }
}
