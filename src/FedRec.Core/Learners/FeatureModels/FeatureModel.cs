using System.Numerics.Tensors;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Features;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.FeatureModels;

/// <summary>A network over the features of labelled rows, which parties hold: regression, binary and multi-class classification.</summary>
/// <remarks>Federated averaging (McMahan et al. 2017, arXiv:1602.05629) of ReLU layers. The first round adds up means and variances of the numeric
/// columns, see <see cref="ColumnStatistics"/>; the rounds after it train on standardised rows. The update of a training round is trained minus
/// received of all layers.</remarks>
public sealed class FeatureModel : ILearner
{
    private static readonly LearningPhase s_statistics = new("statistics");
    private readonly FeatureModelOptions _options;
    private readonly FeatureModelShape _shape;

    /// <summary>Creates the learner for one labelled table.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="shape">The federation; needs features and a task.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or the data is not a labelled table.</exception>
    public FeatureModel(FeatureModelOptions options, FederationShape shape)
    {
        FeatureModelDescriptor.Validate(options);
        _options = options;
        _shape = shape is { UserFeatures: { } features, Task: { } task }
            ? new FeatureModelShape(options, features, task, shape.Items)
            : throw new ArgumentException("mlp needs the features and the label of a table.", nameof(shape));
    }

    /// <inheritdoc/>
    public string Name => "mlp";

    /// <inheritdoc/>
    public ParameterLayout Parameters => _shape.Layout;

    /// <inheritdoc/>
    public RoundRecipe Recipe(LearningPhase phase) => phase == s_statistics ? _shape.Statistics : _shape.Training;

    /// <inheritdoc/>
    public LearningPhase PhaseOf(ReadOnlySpan<float> version) => _shape.IsPrepared(version) ? LearningPhase.Training : s_statistics;

    /// <inheritdoc/>
    public ReadOnlyMemory<float> ToVersion(ReadOnlyMemory<float> parameters, LearningPhase phase)
    {
        var values = parameters.ToArray();
        values[Parameters.Offset(FeatureModelShape.Prepared)] = phase == s_statistics ? 0 : 1;
        return values;
    }

    /// <inheritdoc/>
    /// <remarks>ReLU layers keep the size of their input (He et al. 2015, arXiv:1502.01852); biases, and the output's weights, are zero, so that the
    /// first prediction is the mean or an even chance.</remarks>
    public float[] Initialize(ulong seed)
    {
        var values = new float[Parameters.Length];
        values.AsSpan(Parameters.Offset(FeatureModelShape.Deviations), _shape.Columns.Length + 1).Fill(1);
        for (var layer = 1; layer < _shape.Widths.Length - 1; layer++)
        {
            var block = FeatureModelShape.FirstLayer + (2 * (layer - 1));
            var random = SeedSequence.For(seed, "mlp.layer", layer);
            var deviation = Math.Sqrt(2.0 / _shape.Widths[layer - 1]);
            foreach (ref var value in values.AsSpan(Parameters.Offset(block), Parameters.Blocks[block].Length))
            {
                value = (float)(deviation * random.NextGaussian());
            }
        }

        return values;
    }

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => parameters.Length == Parameters.Length
        ? new PreparedModel(parameters, phase)
        : throw new ArgumentException($"{parameters.Length} values are not the {Parameters.Length} of this network.", nameof(parameters));

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => new FeatureModelWorker(_options, _shape);

    /// <inheritdoc/>
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        if (state.Phase == s_statistics)
        {
            var parameters = state.Parameters.Span;
            var sum = aggregate.Sum;
            delta.Clear();
            var (means, deviations, columns) = (Parameters.Offset(FeatureModelShape.Means), Parameters.Offset(FeatureModelShape.Deviations), _shape.Columns.Length + 1);
            ColumnStatistics.Read(
                sum.Values,
                sum.Scale.Bits,
                parameters.Slice(means, columns),
                parameters.Slice(deviations, columns),
                delta.Slice(means, columns),
                delta.Slice(deviations, columns));
            return new StepProposal(LearningPhase.Training, Exact: delta.Length);
        }

        aggregate.Mean(delta);
        return new StepProposal(state.Phase);
    }
}

/// <summary>The network's outputs for one row, without torch: a row is too small to be worth its calls. Not thread-safe.</summary>
internal sealed class ForwardPass(FeatureModelShape shape)
{
    private readonly float[][] _values = [.. shape.Widths.Select(width => new float[width])];

    /// <summary>The outputs before the link function; valid until the next call.</summary>
    /// <param name="parameters">P values.</param>
    /// <param name="row">A value for each column.</param>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> parameters, ReadOnlySpan<float> row)
    {
        shape.Encode(parameters, row, _values[0]);
        for (var layer = 1; layer < _values.Length; layer++)
        {
            var block = FeatureModelShape.FirstLayer + (2 * (layer - 1));
            var weights = parameters[shape.Layout.Offset(block)..];
            var bias = parameters[shape.Layout.Offset(block + 1)..];
            var below = _values[layer - 1].AsSpan();
            var here = _values[layer];
            for (var unit = 0; unit < here.Length; unit++)
            {
                var value = bias[unit] + TensorPrimitives.Dot(weights.Slice(unit * below.Length, below.Length), below);
                here[unit] = layer < _values.Length - 1 ? Math.Max(0, value) : value;
            }
        }

        return _values[^1];
    }
}
