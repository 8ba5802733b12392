using FedRec.Core.Data;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Native;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using TorchSharp;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.NeuralCollaborativeFiltering;

/// <summary>Trains and scores on torch, one client at a time.</summary>
/// <remarks>Every tensor of a call lives in that call's dispose scope; only the copy of the version is kept.</remarks>
internal sealed class NeuralWorker : ILearnerWorker
{
    private readonly NeuralOptions _options;
    private readonly NetworkShape _shape;
    private readonly LocalPlan _plan;
    private readonly VersionTensors _version;

    public NeuralWorker(NeuralOptions options, NetworkShape shape, int itemCount, NegativeSampler negatives)
    {
        TorchLoader.EnsureLoaded();
        (_options, _shape) = (options, shape);
        _plan = new LocalPlan(options, itemCount, negatives);
        _version = new VersionTensors(shape);
    }

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var random = task.Random;
        _plan.Draw(task.Data, ref random);
        if (_plan.Steps.Count == 0)
        {
            return new LocalResult(0, 0); // nobody here has an item
        }

        using var scope = NewDisposeScope();
        _version.Show(model);
        var parameters = new LocalParameters(_version, _plan);
        var loss = TrainSteps(task.Data, parameters, ref random);
        parameters.WriteDeltas(_shape, _plan, output);
        return new LocalResult(loss, _options.Loss == NeuralLoss.Softmax ? _plan.Positives : _plan.Pairs);
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        _version.Show(model);
        var network = new Network(_shape, _version.Dense);
        var weights = empty(1, history.Items.Length);
        HistoryWeights.Fill(history, _options.Recency, without: -1, HostTensors.Values(weights));
        var user = network.Users(weights, _version.History.index_select(0, HostTensors.Rows(history.Items)));
        HostTensors.Values(network.Scores(user, _version.Items).contiguous()).CopyTo(scores);
    }

    /// <summary>What each own item changes: the score as it is, minus the score the item would have without that one.</summary>
    /// <remarks>The parts of a network need not add up to the score.</remarks>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        _version.Show(model);
        var network = new Network(_shape, _version.Dense);
        var users = network.Users(LeaveOneOut(history), _version.History.index_select(0, HostTensors.Rows(history.Items)));
        var scores = HostTensors.Values(network.Scores(users, _version.Items.narrow(0, item, 1)).contiguous());
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = scores[parts.Length] - scores[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _version.Dispose();

    /// <summary>History weights [n + 1, n] of the user without its first item, without its second, and so on; the last row is of all items.</summary>
    private Tensor LeaveOneOut(UserHistory history)
    {
        var count = history.Items.Length;
        var weights = empty(count + 1, count);
        var values = HostTensors.Values(weights);
        for (var row = 0; row <= count; row++)
        {
            HistoryWeights.Fill(history, _options.Recency, row < count ? row : -1, values.Slice(row * count, count));
        }

        return weights;
    }

    /// <returns>Mean loss of the steps before they were taken.</returns>
    private double TrainSteps(ClientData data, LocalParameters parameters, ref SeededRandom random)
    {
        var stepper = new LocalStepper(new LocalSteps(_options.Optimizer, _options.StepSize, _options.Proximal), parameters.Trained, parameters.Received, Penalties(parameters));
        var loss = 0.0;
        foreach (var step in _plan.Steps)
        {
            using var scope = NewDisposeScope();
            var examples = StepExamples.Lay(_options, data, _plan, step, ref random);
            var dropout = _options.Dropout > 0 ? new Dropout(_options.Dropout, new SeededRandom(random.NextUInt64())) : null;
            var network = new Network(_shape, parameters.Dense);
            var users = network.Users(examples.History, parameters.History);
            var candidates = step.Candidates.Length == _plan.Touched.Items.Length ? parameters.Items : parameters.Items.index_select(0, HostTensors.Rows(step.Candidates));
            var fit = Fit(network.Scores(users, candidates, dropout), examples);
            using Scalar penalty = _options.L2User / (2 * step.Users.Length);
            stepper.Step(autograd.grad([HostTensors.Add(fit, (users * users).sum().mul(penalty))], parameters.Trained));
            loss += fit.item<float>();
        }

        return loss / _plan.Steps.Count;
    }

    private Tensor Fit(Tensor scores, StepExamples examples) => _options.Loss == NeuralLoss.Softmax
        ? -(nn.functional.log_softmax(HostTensors.Add(scores, examples.Corrections!), 1) * examples.Targets).sum()
        : nn.functional.binary_cross_entropy_with_logits(scores, examples.Targets, examples.Weights);

    private double[] Penalties(LocalParameters parameters) => [_options.L2Item / parameters.Items.shape[0], 0, _options.L2Tower];
}
