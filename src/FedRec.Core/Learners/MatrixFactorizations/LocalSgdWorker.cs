using FedRec.Core.Data;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>The classic federated client: local mini-batch SGD on the user vector and on copies of the touched item rows.</summary>
/// <remarks>The user vector starts at its fold-in and is forgotten afterwards; the update is trained minus received rows.
/// A client of many users trains them one after the other on the same copies.</remarks>
internal sealed class LocalSgdWorker(MatrixFactorizationOptions options, int itemCount, NegativeSampler negatives) : ILearnerWorker
{
    private readonly FoldIn _foldIn = new(options, itemCount);
    private readonly TouchedRows _touched = new(itemCount, options.Dims);
    private readonly ExampleDraw _draw = new(options, negatives);
    private readonly DriftCorrection? _drift = options.LocalSgd.Corrects ? new(options.LocalSgd, options.LearningRate, itemCount, options.Dims) : null;
    private readonly FactorKernel _kernel = KernelOf(options, LossOf(options));
    private readonly WeightedLoss _weighted = new(options.Objective == MatrixFactorizationObjective.Pairwise);
    private FactorKernel? _weightedKernel;

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var prepared = (MatrixFactorizationModel)model;
        var data = task.Data;
        var random = task.Random;
        _touched.Clear();
        _drift?.Begin(task.State.Span);
        var (loss, terms, count) = (0.0, 0.0, 0);
        for (var user = 0; user < data.UserCount; user++)
        {
            var weights = ExampleWeights.Shorten(data.Weights(user));
            var kernel = weights.IsEmpty ? _kernel : _weightedKernel ??= KernelOf(options, _weighted);
            var vector = _foldIn.Solve(prepared, data.Items(user), weights);
            for (var epoch = 0; epoch < options.Epochs; epoch++)
            {
                var examples = Draw(prepared, data, user, ref random, output);
                loss += TrainEpoch(kernel, prepared, vector, examples, output);
                var drawn = TermsOf(examples);
                count += drawn;
                terms += weights.IsEmpty ? drawn : _weighted.Terms(examples);
            }
        }

        _touched.SubtractReceived(prepared.Items.Span, output);
        var state = _drift?.Finish(prepared, _touched.Items, output, prepared.Items.Length) ?? default;
        return new LocalResult(terms == 0 ? 0 : loss / terms, count / options.Epochs, state);
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores) =>
        UserScorer.Score(_foldIn, (MatrixFactorizationModel)model, history, scores);

    /// <inheritdoc/>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) =>
        _foldIn.Explain((MatrixFactorizationModel)model, history, item, parts);

    /// <inheritdoc/>
    public IItemSimilarity Similarity(PreparedModel model) => new VectorSimilarity(((MatrixFactorizationModel)model).Items, options.Dims);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static FactorKernel KernelOf(MatrixFactorizationOptions options, IBatchLoss loss) =>
        new(options.Dims, options.LearningRate, options.UserPenalty, options.ItemPenalty, loss);

    private static IBatchLoss LossOf(MatrixFactorizationOptions options) =>
        options.Objective == MatrixFactorizationObjective.Pairwise ? new PairwiseLoss() : new LogisticLoss();

    /// <summary>The examples of one epoch; rows seen for the first time are copied in.</summary>
    /// <returns>Examples as the kernel takes them.</returns>
    private ReadOnlySpan<int> Draw(MatrixFactorizationModel model, ClientData data, int user, ref SeededRandom random, UpdateBuffer output)
    {
        var examples = _draw.Draw(data, user, ref random);
        Weigh(examples, data.Items(user), ExampleWeights.Shorten(data.Weights(user)));
        foreach (ref var example in examples)
        {
            example = (_touched.Add(example >> 1) << 1) | (example & 1); // rows lie in the order in which they are trained
        }

        _touched.LayCopies(output, model.Items.Span);
        _drift?.Lay(model, _touched.Items);
        return examples;
    }

    /// <summary>Says what the own items among some examples count; none are told apart without weights.</summary>
    private void Weigh(ReadOnlySpan<int> examples, ReadOnlySpan<int> own, ReadOnlySpan<float> weights)
    {
        foreach (var example in weights.IsEmpty ? [] : examples)
        {
            var slot = _touched.Add(example >> 1);
            if ((example & 1) == 1)
            {
                _weighted.Set(slot, weights[own.BinarySearch(example >> 1)]);
            }
        }
    }

    private double TrainEpoch(FactorKernel kernel, MatrixFactorizationModel model, Span<float> user, ReadOnlySpan<int> examples, UpdateBuffer output)
    {
        var loss = 0.0;
        for (var start = 0; start < examples.Length;)
        {
            var end = EndOfBatch(examples, start);
            _drift?.Measure(model, _touched.Items, output.Values);
            loss += kernel.Step(user, output.Values, examples[start..end]);
            _drift?.Apply(output.Values);
            start = end;
        }

        return loss;
    }

    /// <summary>A batch of pairs goes on to the last negative of its last own item.</summary>
    private int EndOfBatch(ReadOnlySpan<int> examples, int start)
    {
        var end = Math.Min(start + options.BatchSize, examples.Length);
        while (options.Objective == MatrixFactorizationObjective.Pairwise && end < examples.Length && (examples[end] & 1) == 0)
        {
            end++;
        }

        return end;
    }

    /// <summary>Pairs or single examples, as the loss counts them.</summary>
    private int TermsOf(ReadOnlySpan<int> examples)
    {
        if (options.Objective != MatrixFactorizationObjective.Pairwise)
        {
            return examples.Length;
        }

        var negatives = 0;
        foreach (var example in examples)
        {
            negatives += 1 - (example & 1);
        }

        return negatives;
    }
}
