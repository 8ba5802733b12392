using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Features;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Native;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>Trains and scores on torch, one client at a time.</summary>
/// <remarks>Every tensor of a call lives in that call's dispose scope; only the copy of the version is kept.</remarks>
internal sealed class TwoTowerWorker : ILearnerWorker
{
    private readonly TwoTowerOptions _options;
    private readonly NeuralOptions _shared;
    private readonly TwoTowerShape _shape;
    private readonly LocalPlan _plan;
    private readonly TowerVersion _version;

    public TwoTowerWorker(TwoTowerOptions options, TwoTowerShape shape)
    {
        TorchLoader.EnsureLoaded();
        (_options, _shared, _shape) = (options, options.Shared, shape);
        _plan = new LocalPlan(_shared, shape.ItemCount, new NegativeSampler(shape.ItemCount));
        _version = new TowerVersion(shape);
    }

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var random = task.Random;
        _plan.Draw(task.Data, ref random);
        if (model.Phase != LearningPhase.Training)
        {
            return AddStatistics(task.Data, output);
        }

        if (_plan.Steps.Count == 0)
        {
            return new LocalResult(0, 0); // nobody here has an item
        }

        using var scope = NewDisposeScope();
        _version.Show(model);
        var towers = new LocalTowers(_shape, _version, _plan);
        var loss = TrainSteps(model, task.Data, towers, ref random);
        towers.WriteDeltas(_plan, output);
        return new LocalResult(loss, _plan.Pairs);
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores)
    {
        var towers = (TowerModel)model;
        towers.Score(towers.User(history), 0, scores);
    }

    /// <summary>What each own item changes: the score as it is, minus the score the item would have without that one.</summary>
    /// <remarks>The parts of a network need not add up to the score.</remarks>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts)
    {
        var towers = (TowerModel)model;
        Span<float> score = [0f, 0f];
        towers.Score(towers.User(history), item, score[..1]);
        for (var i = 0; i < parts.Length; i++)
        {
            towers.Score(towers.User(history, i), item, score[1..]);
            parts[i] = score[0] - score[1];
        }
    }

    /// <inheritdoc/>
    public IItemSimilarity Similarity(PreparedModel model) => new VectorSimilarity(((TowerModel)model).ItemVectors, _shape.Dims);

    /// <inheritdoc/>
    public void Dispose() => _version.Dispose();

    private LocalResult AddStatistics(ClientData data, UpdateBuffer output)
    {
        foreach (var item in _plan.Own.Items)
        {
            output.Segment(item, 1)[0] = 1;
        }

        if (!_shape.UserColumns.IsEmpty)
        {
            ColumnStatistics.Write(_shape.UserColumns, false, data, output.Segment(_shape.StatisticsOffset, ColumnStatistics.Length(_shape.UserColumns.Length)));
        }

        return new LocalResult(0, _plan.Positives);
    }

    /// <returns>Mean loss of the steps before they were taken.</returns>
    private double TrainSteps(PreparedModel model, ClientData data, LocalTowers towers, ref SeededRandom random)
    {
        var stepper = new LocalStepper(new LocalSteps(_options.Optimizer, _options.StepSize, _options.Proximal), towers.Trained, towers.Received, [0, _options.L2Tower]);
        var loss = 0.0;
        foreach (var step in _plan.Steps)
        {
            using var scope = NewDisposeScope();
            var examples = StepExamples.Lay(_shared, data, _plan, step, ref random);
            var kept = towers.HasFeatures ? DrawKept(towers.Items, ref random) : null;
            var fit = towers.Loss(step, examples, UserFeatures(model, data, step.Users), kept);
            stepper.Step(autograd.grad([fit], towers.Trained));
            loss += fit.item<float>();
        }

        return loss / _plan.Steps.Count;
    }

    /// <summary>[items, 1]: 0 for candidates whose embedding and bias are left out of a step, so that their features learn to do without.</summary>
    private Tensor DrawKept(int items, ref SeededRandom random)
    {
        var kept = empty(items, 1);
        foreach (ref var value in HostTensors.Values(kept))
        {
            value = random.NextDouble() < _options.EmbeddingDropout ? 0 : 1;
        }

        return kept;
    }

    private Tensor? UserFeatures(PreparedModel model, ClientData data, int[] users)
    {
        if (_shape.UserColumns.IsEmpty)
        {
            return null;
        }

        var width = _shape.UserInputs - _shape.ItemInputs;
        var result = empty(users.Length, width);
        for (var i = 0; i < users.Length; i++)
        {
            _shape.EncodeUser(model.Parameters.Span, data.Features(users[i]), HostTensors.Values(result).Slice(i * width, width));
        }

        return result;
    }
}
