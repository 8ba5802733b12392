using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Parties;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>Lends scorers of one model; safe to share between threads.</summary>
internal interface IScorerSource
{
    /// <summary>Calls the work with a scorer for a client's users that nobody else is using, or that anybody may use at once.</summary>
    void Use(int client, PartyHoldings holdings, Action<IScorer> work);
}

/// <summary>Scorers of a version as clients make it their own.</summary>
/// <param name="run">The run of the version.</param>
/// <param name="model">The version.</param>
/// <param name="isShared">Whether clients take the version as it is shared.</param>
internal sealed class ModelScorers(RunContext run, PreparedModel model, bool isShared) : IScorerSource
{
    public void Use(int client, PartyHoldings holdings, Action<IScorer> work) => run.Score(model, worker =>
    {
        work(new LearnerScorer(worker, isShared ? model : run.Personal.Of(model, client, holdings.Train())));
        return true;
    });
}

/// <summary>One scorer for all threads: a baseline.</summary>
internal sealed class SharedScorer(IScorer scorer) : IScorerSource
{
    public void Use(int client, PartyHoldings holdings, Action<IScorer> work) => work(scorer);
}

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
