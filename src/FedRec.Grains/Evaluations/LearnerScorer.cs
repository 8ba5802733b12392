using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Models;
using FedRec.Core.Models.Transfers;

namespace FedRec.Grains.Evaluations;

/// <summary>A learner's model as the evaluator sees it: private parameters are derived from the history it is shown.</summary>
internal sealed class LearnerScorer(ILearnerWorker worker, PreparedModel model) : IScorer
{
    /// <exception cref="NotFiniteNumberException">The model has overflowed: what it ranks means nothing.</exception>
    public void Score(int user, UserHistory history, Span<float> scores)
    {
        worker.Score(model, history, scores);
        if (model is MatchedVersion { Unknown: > 0 } matched)
        {
            matched.ThrowUnlessFinite(scores); // items that it does not know have no score
            return;
        }

        ThrowUnlessFinite(scores);
    }

    public bool TryPredict(int user, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions)
    {
        if (worker is not IRatingWorker rating)
        {
            return false;
        }

        rating.Predict(model, history, items, predictions);
        ThrowUnlessFinite(predictions[..items.Length]);
        return true;
    }

    private static void ThrowUnlessFinite(ReadOnlySpan<float> values)
    {
        if (!TensorPrimitives.IsFiniteAll(values))
        {
            throw new NotFiniteNumberException("scores of users are not finite");
        }
    }
}
