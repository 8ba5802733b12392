namespace FedRec.Core.Evaluation.Baselines.SelfAttention;

/// <summary>Settings of one SASRec network and its training.</summary>
internal sealed record SequenceSettings
{
    /// <summary>Length of an item's embedding, and width of all layers; a multiple of <see cref="Heads"/>. Default: 64.</summary>
    public int Dims { get; init; } = 64;

    /// <summary>Blocks of attention and feed-forward layers. Default: 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Parts into which attention is split. Default: 2.</summary>
    public int Heads { get; init; } = 2;

    /// <summary>Chance that a value is left out in training, in [0, 1). Default: 0.2.</summary>
    public double Dropout { get; init; } = 0.2;

    /// <summary>Step size of Adam. Default: 0.001.</summary>
    public double StepSize { get; init; } = 0.001;

    /// <summary>Newest items that are seen at once. Default: 50.</summary>
    public int MaxLength { get; init; } = 50;

    /// <summary>Examples at which a step is full; its last sequence may bring more. Default: 400.</summary>
    public int StepExamples { get; init; } = 400;

    /// <summary>Multiply-adds of one pass over some examples, forward and backward.</summary>
    public double CostOfPass(long examples, int items) =>
        3.0 * examples * (((double)Dims * items) + (Layers * ((6.0 * Dims * Dims) + (2.0 * Dims * MaxLength))));
}
