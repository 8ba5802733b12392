using System.Collections.Immutable;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.NeuralCollaborativeFiltering;

/// <summary>Names and sizes of the shared parameters of one configuration and catalogue.</summary>
/// <remarks>Two tables with a row for each item come first, so that a client's update can name the rows it touched; what
/// every client touches follows in one piece.</remarks>
internal sealed class NetworkShape
{
    /// <summary>Position of the items' table: GMF columns, MLP columns, and the item's bias as the last one.</summary>
    public const int Items = 0;

    /// <summary>Position of the table from which user embeddings are made: GMF columns, MLP columns.</summary>
    public const int History = 1;

    /// <summary>Position of the first block that every client touches: the embedding of a user without items.</summary>
    public const int Start = 2;

    public NetworkShape(NeuralOptions options, int items)
    {
        HasProduct = options.Model is NeuralModel.Gmf or NeuralModel.NeuMf;
        HasTower = options.Model is NeuralModel.Mlp or NeuralModel.NeuMf;
        Dims = options.Dims;
        UserColumns = options.Dims * ((HasProduct ? 1 : 0) + (HasTower ? 1 : 0));
        Widths = HasTower ? [.. Enumerable.Range(0, options.Layers).Select(layer => Math.Max(1, options.Width >> layer))] : [];
        Layout = new ParameterLayout([.. Blocks(items)]);
        DenseOffset = Layout.Offset(Start);
        DenseLength = Layout.Length - DenseOffset;
        DenseBlocks = Layout.Blocks[Start..];
    }

    public ParameterLayout Layout { get; }

    public bool HasProduct { get; }

    public bool HasTower { get; }

    public int Dims { get; }

    /// <summary>Length of a user embedding of all parts.</summary>
    public int UserColumns { get; }

    /// <summary>Length of an item's row: its embeddings and its bias.</summary>
    public int ItemColumns => UserColumns + 1;

    /// <summary>Width of each layer of the tower, from below.</summary>
    public ImmutableArray<int> Widths { get; }

    /// <summary>Where the parameters that every client touches begin.</summary>
    public int DenseOffset { get; }

    public int DenseLength { get; }

    public ImmutableArray<ParameterBlock> DenseBlocks { get; }

    private IEnumerable<ParameterBlock> Blocks(int items)
    {
        yield return new("item_embeddings", items, ItemColumns);
        yield return new("history_embeddings", items, UserColumns);
        yield return new("start_embedding", 1, UserColumns);
        if (HasProduct)
        {
            yield return new("gmf_output", 1, Dims);
        }

        for (var layer = 0; layer < Widths.Length; layer++)
        {
            foreach (var block in Layer(layer))
            {
                yield return block;
            }
        }

        if (HasTower)
        {
            yield return new("mlp_output", 1, Widths[^1]);
        }
    }

    /// <summary>The first layer sees p and q side by side: its weights stand in two blocks, so that their products need no copies.</summary>
    private IEnumerable<ParameterBlock> Layer(int layer)
    {
        if (layer == 0)
        {
            yield return new("layer1_user", Widths[0], Dims);
            yield return new("layer1_item", Widths[0], Dims);
        }
        else
        {
            yield return new($"layer{layer + 1}_weights", Widths[layer], Widths[layer - 1]);
        }

        yield return new($"layer{layer + 1}_bias", 1, Widths[layer]);
    }
}
