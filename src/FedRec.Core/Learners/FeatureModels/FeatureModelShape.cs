using System.Collections.Immutable;
using FedRec.Core.Aggregation;
using FedRec.Core.Data.Features;
using FedRec.Core.Learners.Features;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.FeatureModels;

/// <summary>Names and sizes of the parameters: standardisation, then the layers; and of what clients send.</summary>
internal sealed class FeatureModelShape
{
    /// <summary>Position of the means of all columns, the label's last.</summary>
    public const int Means = 0;

    /// <summary>Position of the standard deviations.</summary>
    public const int Deviations = 1;

    /// <summary>Position of the flag that is 1 in versions whose means and deviations are known.</summary>
    public const int Prepared = 2;

    /// <summary>Position of the first layer's weights; its bias follows, then the next layer.</summary>
    public const int FirstLayer = 3;

    public FeatureModelShape(FeatureModelOptions options, FeatureSchema schema, LabelTask task, int classes)
    {
        (Columns, Task) = ([.. schema.Columns], task);
        Inputs = schema.Columns.Sum(column => column.Width);
        Outputs = task.Kind == LabelKind.Multiclass ? classes : 1;
        Widths = [Inputs, .. Enumerable.Repeat(options.HiddenUnits, options.HiddenLayers), Outputs];
        List<ParameterBlock> blocks = [new("means", 1, Columns.Length + 1), new("deviations", 1, Columns.Length + 1), new("prepared", 1, 1)];
        for (var layer = 1; layer < Widths.Length; layer++)
        {
            blocks.Add(new($"hidden{layer}_weights", Widths[layer], Widths[layer - 1]));
            blocks.Add(new($"hidden{layer}_bias", 1, Widths[layer]));
        }

        Layout = new ParameterLayout([.. blocks]);
        Statistics = new RoundRecipe(
            new UpdateLayout(new UpdateBlock("statistics", (Columns.Length + 1) * ColumnStatistics.Sums, WideNumber.Limbs, BlockRole.Statistic)), Participation.Everybody, WeightRule.One, StepRule.Sum);
        Training = new RoundRecipe(new UpdateLayout([.. blocks.Select(block => new UpdateBlock(block.Name, block.Rows, block.Columns, BlockRole.Delta))]));
        LayersOffset = Layout.Offset(FirstLayer);
        LayersLength = Layout.Length - LayersOffset;
    }

    public ImmutableArray<FeatureColumn> Columns { get; }

    public LabelTask Task { get; }

    /// <summary>Values of an encoded row.</summary>
    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Inputs, hidden widths, outputs.</summary>
    public ImmutableArray<int> Widths { get; }

    public ParameterLayout Layout { get; }

    /// <summary>The first round: sums of the columns, of everybody.</summary>
    public RoundRecipe Statistics { get; }

    /// <summary>Every round after it.</summary>
    public RoundRecipe Training { get; }

    /// <summary>Weights and bias of each layer.</summary>
    public ImmutableArray<ParameterBlock> Layers => Layout.Blocks[FirstLayer..];

    public int LayersOffset { get; }

    public int LayersLength { get; }

    /// <summary>Encodes a row with the means and deviations of the parameters.</summary>
    public void Encode(ReadOnlySpan<float> parameters, ReadOnlySpan<float> row, Span<float> input) =>
        FeatureEncoding.Encode(Columns, parameters[Layout.Offset(Means)..], parameters[Layout.Offset(Deviations)..], row, input);

    /// <summary>Whether a version says that means and deviations are known.</summary>
    public bool IsPrepared(ReadOnlySpan<float> version) => version[Layout.Offset(Prepared)] > 0.5f;

    public float Mean(ReadOnlySpan<float> parameters, int column) => parameters[Layout.Offset(Means) + column];

    public float Deviation(ReadOnlySpan<float> parameters, int column) => parameters[Layout.Offset(Deviations) + column];
}
