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
