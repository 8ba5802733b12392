using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Core.Training;

namespace FedRec.Core.Personalization;

/// <summary>Where a client's own data would take a model: the client plays a round of a federation that it is alone in.</summary>
/// <remarks>This needs no more of a learner than its rounds do, so it holds for every one that learns in rounds.</remarks>
internal sealed class OwnDirection(ILearner learner) : IDisposable
{
    private readonly ILearnerWorker _worker = learner.CreateWorker();
    private readonly ContributionBuffer _buffer = new();
    private readonly ContributionSum _sum = new(learner.Contribution.Length);
    private readonly float[] _delta = new float[learner.Parameters.Length];

    /// <summary>The learner's kernels.</summary>
    public ILearnerWorker Worker => _worker;

    /// <summary>The direction at a model; valid until the next call. Empty when it is out of all bounds: then no step is taken.</summary>
    public ReadOnlySpan<float> At(PreparedModel model, ClientData own, ref SeededRandom random)
    {
        _buffer.Clear();
        _sum.Clear();
        var task = new LocalTask(own, new SeededRandom(random.NextUInt64()));
        var result = _worker.Train(model, task, _buffer);
        if (!_sum.TryAdd(_buffer, 1, result.Loss, result.Examples))
        {
            return [];
        }

        learner.Aggregate(model.Parameters.Span, _sum, _delta);
        return _delta;
    }

    /// <summary>Whether a client has anything to learn from.</summary>
    public static bool HasItems(ClientData own)
    {
        for (var user = 0; user < own.UserCount; user++)
        {
            if (own.Items(user).Length > 0)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _worker.Dispose();
}
