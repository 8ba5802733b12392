using System.Collections.Concurrent;
using FedRec.Core.Data;
using FedRec.Core.Learners;

namespace FedRec.Core.Evaluation.Baselines;

/// <summary>Scores with one version of a learner. Thread-safe: each call borrows a worker.</summary>
/// <param name="learner">The learner.</param>
/// <param name="parameters">Its parameters.</param>
public sealed class VersionScorer(ILearner learner, ReadOnlyMemory<float> parameters) : IScorer
{
    private readonly ConcurrentBag<ILearnerWorker> _idle = [];
    private readonly PreparedModel _model = learner.Prepare(parameters);

    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores)
    {
        var worker = Borrow();
        worker.Score(_model, history, scores);
        _idle.Add(worker); // after a failure the worker is not used again
    }

    /// <inheritdoc/>
    public bool TryPredict(int user, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions)
    {
        var worker = Borrow();
        if (worker is IRatingWorker rating)
        {
            rating.Predict(_model, history, items, predictions);
        }

        _idle.Add(worker);
        return worker is IRatingWorker;
    }

    private ILearnerWorker Borrow() => _idle.TryTake(out var worker) ? worker : learner.CreateWorker();
}
