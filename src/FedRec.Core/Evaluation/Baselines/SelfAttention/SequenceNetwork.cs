using FedRec.Core.Learners.Networks;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using TorchSharp;
using static TorchSharp.torch;

namespace FedRec.Core.Evaluation.Baselines.SelfAttention;

/// <summary>SASRec: what a user's items so far say of the next one, as a vector that is compared with every item's embedding.</summary>
/// <remarks>Kang and McAuley 2018, arXiv:1808.09781. Places count from the newest item. Lives in the caller's dispose scope.</remarks>
internal sealed class SequenceNetwork
{
    private const double InitialDeviation = 0.02;
    private readonly SequenceSettings _settings;
    private readonly Tensor[] _blocks;

    /// <summary>Reads the parameters.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="layout">As <see cref="Layout"/> gives it.</param>
    /// <param name="flat">[values of all blocks].</param>
    public SequenceNetwork(SequenceSettings settings, ParameterLayout layout, Tensor flat) => (_settings, _blocks) = (settings, DenseLayers.Views(flat, layout.Blocks));

    /// <summary>[items, dims].</summary>
    public Tensor Items => _blocks[0];

    /// <summary>Names and sizes of all parameters.</summary>
    public static ParameterLayout Layout(SequenceSettings settings, int items) => new(
    [
        new("item_embeddings", items, settings.Dims),
        new("place_embeddings", settings.MaxLength, settings.Dims),
        .. Enumerable.Range(1, settings.Layers).SelectMany(layer => AttentionBlock.Blocks(layer, settings.Dims)),
        new("norm_scale", 1, settings.Dims),
        new("norm_shift", 1, settings.Dims),
    ]);

    /// <summary>Parameters to begin with: no item ahead of another, layers that keep the size of what they are given.</summary>
    public static float[] Initial(ParameterLayout layout, ulong seed)
    {
        var values = new float[layout.Length];
        var random = SeedSequence.For(seed, "sasrec");
        for (var i = 0; i < layout.Blocks.Length; i++)
        {
            var block = layout.Blocks[i];
            var own = values.AsSpan(layout.Offset(i), block.Length);
            if (block.Name.EndsWith("_scale", StringComparison.Ordinal))
            {
                own.Fill(1);
            }
            else if (block.Rows > 1)
            {
                var deviation = block.Name.EndsWith("_embeddings", StringComparison.Ordinal) ? InitialDeviation : Math.Sqrt(1.0 / block.Columns);
                foreach (ref var value in own)
                {
                    value = (float)(deviation * random.NextGaussian());
                }
            }
        }

        return values;
    }

    /// <summary>The vector after each item.</summary>
    /// <param name="batch">Sequences, none longer than the settings allow.</param>
    /// <param name="dropout">Null when not training.</param>
    /// <returns>[count · length, dims].</returns>
    public Tensor Run(SequenceBatch batch, Dropout? dropout = null)
    {
        using Scalar scale = Math.Sqrt(_settings.Dims);
        var ahead = batch.Ahead();
        var values = AttentionBlock.Drop(HostTensors.Add(Items.index_select(0, batch.Items).mul(scale), _blocks[1].index_select(0, batch.Places)), dropout);
        for (var layer = 0; layer < _settings.Layers; layer++)
        {
            values = new AttentionBlock(_blocks.AsMemory(2 + (layer * AttentionBlock.ParameterCount), AttentionBlock.ParameterCount), _settings.Heads).Run(values, batch.Count, ahead, dropout);
        }

        return AttentionBlock.Norm(values, _blocks.AsSpan(^2..));
    }

    /// <summary>A score of every item after some rows of <see cref="Run"/>.</summary>
    /// <param name="values">[count · length, dims].</param>
    /// <param name="rows">The rows.</param>
    /// <returns>[rows, items].</returns>
    public Tensor Scores(Tensor values, Tensor rows) => values.index_select(0, rows).mm(Items.t());
}

/// <summary>One block: each item looks at itself and at older ones, then a layer of its own; both are added to what came in.</summary>
/// <remarks>Kang and McAuley 2018, arXiv:1808.09781, equations 2 to 5, with normalised inputs of both parts. Lives in the caller's dispose scope.</remarks>
/// <param name="parameters">As <see cref="Blocks"/> lists them.</param>
/// <param name="heads">Parts into which attention is split.</param>
internal sealed class AttentionBlock(ReadOnlyMemory<Tensor> parameters, int heads)
{
    /// <summary>Number of parameters.</summary>
    public const int ParameterCount = 12;

    /// <summary>Names and sizes of one block's parameters.</summary>
    public static IEnumerable<ParameterBlock> Blocks(int layer, int dims) =>
    [
        new($"layer{layer}_attention_norm_scale", 1, dims),
        new($"layer{layer}_attention_norm_shift", 1, dims),
        new($"layer{layer}_query_key_value_weights", 3 * dims, dims),
        new($"layer{layer}_query_key_value_bias", 1, 3 * dims),
        new($"layer{layer}_attention_weights", dims, dims),
        new($"layer{layer}_attention_bias", 1, dims),
        new($"layer{layer}_forward_norm_scale", 1, dims),
        new($"layer{layer}_forward_norm_shift", 1, dims),
        new($"layer{layer}_inner_weights", dims, dims),
        new($"layer{layer}_inner_bias", 1, dims),
        new($"layer{layer}_outer_weights", dims, dims),
        new($"layer{layer}_outer_bias", 1, dims),
    ];

    /// <summary>Runs the block.</summary>
    /// <param name="values">[count · length, dims].</param>
    /// <param name="count">Sequences.</param>
    /// <param name="ahead">[length, length]: −∞ where an item must not look.</param>
    /// <param name="dropout">Null when not training.</param>
    /// <returns>[count · length, dims].</returns>
    public Tensor Run(Tensor values, int count, Tensor ahead, Dropout? dropout)
    {
        var all = parameters.Span;
        var looked = DenseLayers.Apply(all[4..], Attend(DenseLayers.Apply(all[2..], Norm(values, all)), count, ahead, dropout));
        var met = HostTensors.Add(values, Drop(looked, dropout));
        var inner = DenseLayers.Activate(DenseLayers.Apply(all[8..], Norm(met, all[6..])), dropout);
        return HostTensors.Add(met, Drop(DenseLayers.Apply(all[10..], inner), dropout));
    }

    /// <summary>Layer normalisation (Ba et al. 2016): mean 0 and variance 1 of each row, then a scale and a shift.</summary>
    public static Tensor Norm(Tensor values, ReadOnlySpan<Tensor> parameters) =>
        nn.functional.layer_norm(values, [values.shape[1]], parameters[0].flatten(), parameters[1].flatten(), 1e-8);

    /// <summary>Leaves values out where there is a dropout.</summary>
    public static Tensor Drop(Tensor values, Dropout? dropout) => dropout is null ? values : dropout.Apply(values);

    // softmax(Q·Kᵀ/√(dims of a head))·V for each sequence and head.
    private Tensor Attend(Tensor projected, int count, Tensor ahead, Dropout? dropout)
    {
        var (length, dims) = (ahead.shape[0], projected.shape[1] / 3);
        using Scalar scale = 1 / Math.Sqrt((double)dims / heads);
        var parts = projected.view(count, length, 3, heads, dims / heads).permute(2, 0, 3, 1, 4).unbind(0); // each [count, heads, length, dims / heads]
        var weights = HostTensors.Add(parts[0].mul(scale).matmul(parts[1].transpose(-2, -1)), ahead).softmax(-1);
        return Drop(weights, dropout).matmul(parts[2]).transpose(1, 2).reshape(count * length, dims);
    }
}
