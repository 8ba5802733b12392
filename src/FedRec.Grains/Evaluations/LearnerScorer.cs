using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Models;

namespace FedRec.Grains.Evaluations;

/// <summary>A learner's model as the evaluator sees it: private parameters are derived from the history it is shown.</summary>
internal sealed class LearnerScorer(ILearnerWorker worker, PreparedModel model) : IScorer
{
    public void Score(int user, UserHistory history, Span<float> scores) => worker.Score(model, history, scores);

    public bool TryPredict(int user, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions)
    {
        if (worker is not IRatingWorker rating)
        {
            return false;
        }

        rating.Predict(model, history, items, predictions);
        return true;
    }
}
