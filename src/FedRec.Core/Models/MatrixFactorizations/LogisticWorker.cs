using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Training;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>The classic federated client: local mini-batch SGD on the user vector and on copies of the touched item rows.</summary>
/// <remarks>The user vector starts at its fold-in and is forgotten afterwards; the contribution is trained minus received rows.
/// A client of many users trains them one after the other on the same copies.</remarks>
internal sealed class LogisticWorker(MatrixFactorizationOptions options, int itemCount, NegativeSampler negatives) : ILearnerWorker
{
    private readonly FoldIn _foldIn = new(options, itemCount);
    private readonly TouchedRows _touched = new(itemCount, options.Dims);
    private readonly LogisticKernel _kernel = new(options.Dims, options.LearningRate, options.UserPenalty, options.ItemPenalty);
    private int[] _examples = [];

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, ContributionBuffer output)
    {
        var prepared = (MatrixFactorizationModel)model;
        var data = task.Data;
        var random = task.Random;
        _touched.Clear();
        var (loss, examples) = (0.0, 0);
        for (var user = 0; user < data.UserCount; user++)
        {
            var vector = _foldIn.Solve(prepared, data.Items(user));
            for (var epoch = 0; epoch < options.Epochs; epoch++)
            {
                var drawn = Draw(prepared, data, user, ref random, output);
                loss += TrainEpoch(vector, drawn, output);
                examples += drawn.Length;
            }
        }

        _touched.SubtractReceived(prepared.Parameters.Span, output);
        return new LocalResult(loss / Math.Max(examples, 1), examples / options.Epochs);
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores) =>
        UserScorer.Score(_foldIn, (MatrixFactorizationModel)model, history.Items, scores);

    /// <inheritdoc/>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) =>
        _foldIn.Explain((MatrixFactorizationModel)model, history.Items, item, parts);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>Own items and fresh negatives of one epoch, shuffled; rows seen for the first time are copied in.</summary>
    /// <returns>Examples as the kernel takes them.</returns>
    private ReadOnlySpan<int> Draw(MatrixFactorizationModel model, ClientData data, int user, ref SeededRandom random, ContributionBuffer output)
    {
        var own = data.Items(user);
        var wanted = own.Length + Math.Min(options.Negatives * own.Length, itemCount - own.Length);
        if (_examples.Length < wanted)
        {
            _examples = new int[wanted];
        }

        var drawn = negatives.SampleDistinct(data, user, _examples.AsSpan(own.Length, wanted - own.Length), ref random);
        var examples = _examples.AsSpan(0, own.Length + drawn);
        for (var i = 0; i < examples.Length; i++)
        {
            examples[i] = i < own.Length ? (own[i] << 1) | 1 : examples[i] << 1;
        }

        random.Shuffle(examples); // before rows are laid out: they then lie in the order in which they are trained
        foreach (ref var example in examples)
        {
            example = (_touched.Add(example >> 1) << 1) | (example & 1);
        }

        _touched.LayCopies(output, model.Parameters.Span);
        return examples;
    }

    private double TrainEpoch(Span<float> user, ReadOnlySpan<int> examples, ContributionBuffer output)
    {
        var loss = 0.0;
        for (var start = 0; start < examples.Length; start += options.BatchSize)
        {
            loss += _kernel.Step(user, output.Values, examples.Slice(start, Math.Min(options.BatchSize, examples.Length - start)));
        }

        return loss;
    }
}
