using FedRec.Benchmarks.Ensembles;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Learners;

namespace FedRec.Benchmarks.Orders;

/// <summary>A trained learner; any number of threads may score at once.</summary>
internal sealed class TrainedScorer : IScorer, IDisposable
{
    private readonly Dataset _data;
    private readonly PreparedModel _model;
    private readonly ThreadLocal<ILearnerWorker> _workers;

    private TrainedScorer(Dataset data, ILearner learner, PreparedModel model) =>
        (_data, _model, _workers) = (data, model, new(learner.CreateWorker, trackAllValues: true));

    /// <summary>Trains a learner on the training items of a data set.</summary>
    public static TrainedScorer Train(Member member, Dataset data)
    {
        var (learner, model) = member.Train(data, seed: 1);
        return new TrainedScorer(data, learner, model);
    }

    /// <summary>The same parameters under options that change nothing but scores.</summary>
    public TrainedScorer Under(Member member)
    {
        var learner = LearnerRegistry.Create(member.Learner, member.Options, FederationShape.Of(_data, _data.Users.Count));
        return new TrainedScorer(_data, learner, learner.Prepare(_model.Parameters));
    }

    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores) => _workers.Value!.Score(_model, history, scores);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var worker in _workers.Values)
        {
            worker.Dispose();
        }

        _workers.Dispose();
    }
}
