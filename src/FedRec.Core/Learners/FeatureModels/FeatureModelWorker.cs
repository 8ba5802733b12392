using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Features;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Native;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.FeatureModels;

/// <summary>Adds up statistics, trains on torch, and predicts in plain arithmetic.</summary>
internal sealed class FeatureModelWorker : IRatingWorker, IFeatureExplainer
{
    private readonly FeatureModelOptions _options;
    private readonly FeatureModelShape _shape;
    private readonly LabelLink _link;
    private readonly ForwardPass _forward;

    public FeatureModelWorker(FeatureModelOptions options, FeatureModelShape shape)
    {
        TorchLoader.EnsureLoaded();
        (_options, _shape, _link, _forward) = (options, shape, new LabelLink(shape), new ForwardPass(shape));
    }

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output) =>
        model.Phase == LearningPhase.Training ? TrainLayers(model, task, output) : AddStatistics(task.Data, output);

    /// <summary>Scores the classes, or the one item of a regression, as <see cref="LabelLink.Score"/> says.</summary>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores) =>
        _link.Score(model.Parameters.Span, _forward.Run(model.Parameters.Span, history.Features), scores);

    /// <inheritdoc/>
    public void Predict(PreparedModel model, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions) =>
        predictions.Fill(_link.Label(model.Parameters.Span, _forward.Run(model.Parameters.Span, history.Features)[0]));

    /// <summary>Nothing: a row is predicted from its features, and not from what it has met; see <see cref="Attribute"/>.</summary>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) => parts.Clear();

    /// <summary>What each feature changes: an item's score as it is, minus its score with the mean, or no word, in the feature's place.</summary>
    /// <param name="model">Any version.</param>
    /// <param name="features">A value for each column.</param>
    /// <param name="item">The class, or 0 for a regression.</param>
    /// <param name="parts">Receives a part for each column; they need not add up.</param>
    public void Attribute(PreparedModel model, ReadOnlySpan<float> features, int item, Span<float> parts)
    {
        var (scores, changed) = (new float[Math.Max(2, _shape.Outputs)], features.ToArray());
        Score(model, new UserHistory([], features: features), scores);
        var whole = scores[item];
        for (var column = 0; column < changed.Length; column++)
        {
            var feature = _shape.Columns[column];
            changed[column] = feature.IsCategorical ? feature.Vocabulary.Count : float.NaN;
            Score(model, new UserHistory([], features: changed), scores);
            parts[column] = whole - scores[item];
            changed[column] = features[column];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private LocalResult AddStatistics(ClientData data, UpdateBuffer output)
    {
        var sums = output.Segment(0, ColumnStatistics.Length(_shape.Columns.Length + 1));
        return new LocalResult(0, ColumnStatistics.Write(_shape.Columns, _shape.Task.Kind == LabelKind.Regression, data, sums));
    }

    private LocalResult TrainLayers(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var (data, random) = (task.Data, task.Random);
        var rows = Enumerable.Range(0, data.UserCount).Where(user => !data.Items(user).IsEmpty).ToArray();
        if (rows.Length == 0)
        {
            return new LocalResult(0, 0); // nobody here has a label to train on
        }

        using var scope = NewDisposeScope();
        var received = empty(_shape.LayersLength);
        model.Parameters.Span[_shape.LayersOffset..].CopyTo(HostTensors.Values(received));
        var trained = received.clone().requires_grad_();
        var loss = Steps(data, model.Parameters, rows, trained, received, ref random);
        using var noGradient = no_grad();
        HostTensors.Values(HostTensors.Subtract(trained, received)).CopyTo(output.Segment(_shape.LayersOffset, _shape.LayersLength));
        return new LocalResult(loss, rows.Length);
    }

    /// <returns>Mean loss of the steps before they were taken.</returns>
    private double Steps(ClientData data, ReadOnlyMemory<float> parameters, int[] rows, Tensor trained, Tensor received, ref SeededRandom random)
    {
        var stepper = new LocalStepper(new LocalSteps(_options.Optimizer, _options.StepSize, _options.Proximal), [trained], [received], [_options.L2]);
        var (loss, count) = (0.0, 0);
        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            random.Shuffle<int>(rows);
            foreach (var batch in rows.Chunk(_options.Batch))
            {
                using var scope = NewDisposeScope();
                var (input, targets) = Lay(data, parameters.Span, batch);
                var dropout = _options.Dropout > 0 ? new Dropout(_options.Dropout, new SeededRandom(random.NextUInt64())) : null;
                var fit = _link.Loss(DenseLayers.Run(DenseLayers.Views(trained, _shape.Layers), input, dropout), targets);
                stepper.Step(autograd.grad([fit], [trained]));
                loss += fit.item<float>() * batch.Length;
                count += batch.Length;
            }
        }

        return loss / count;
    }

    private (Tensor Input, Tensor Targets) Lay(ClientData data, ReadOnlySpan<float> parameters, int[] batch)
    {
        var (input, targets) = (empty(batch.Length, _shape.Inputs), zeros(batch.Length, _shape.Outputs));
        var values = HostTensors.Values(input);
        var labels = HostTensors.Values(targets);
        for (var i = 0; i < batch.Length; i++)
        {
            _shape.Encode(parameters, data.Features(batch[i]), values.Slice(i * _shape.Inputs, _shape.Inputs));
            _link.WriteTarget(parameters, data, batch[i], batch.Length, labels.Slice(i * _shape.Outputs, _shape.Outputs));
        }

        return (input, targets);
    }
}
