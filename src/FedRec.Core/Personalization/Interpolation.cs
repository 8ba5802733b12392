using System.Numerics.Tensors;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Personalization;

/// <summary>Goes the part α of the way from the shared model to the client's own: θ + α·(θ_local − θ), with α from the client's own validation.</summary>
/// <remarks>α is chosen from 0, ¼, ½, ¾, 1 with a fifth of the client's items hidden; then all items train the local model. Of equally good
/// ones the smallest is taken, and a client with fewer than five items takes 0. Deng et al. 2020, arXiv:2003.13461, learn such an α by gradient.</remarks>
internal sealed class Interpolation(ILearner learner, int steps, double rate) : IPersonalization
{
    private static readonly float[] s_mixtures = [0, 0.25f, 0.5f, 0.75f, 1];
    private readonly FineTuning _local = new(learner, steps, rate);

    /// <inheritdoc/>
    public PreparedModel Personalize(PreparedModel version, ClientData own, SeededRandom random) =>
        HiddenItems.Draw(own, ref random) is { } hidden && Choose(version, hidden, random) is > 0 and var mixture
            ? Mix(version, _local.Personalize(version, own, random), mixture)
            : version;

    /// <inheritdoc/>
    public void Dispose() => _local.Dispose();

    /// <summary>The α that finds the hidden items best.</summary>
    internal float Choose(PreparedModel shared, HiddenItems hidden, SeededRandom random)
    {
        var local = _local.Personalize(shared, hidden.Rest, random);
        var (best, mixture) = (double.NegativeInfinity, 0f);
        foreach (var candidate in ReferenceEquals(local, shared) ? [0] : s_mixtures)
        {
            var model = Mix(shared, local, candidate);
            var quality = hidden.ReciprocalRank((user, scores) => _local.Worker.Score(model, hidden.Rest.History(user), scores));
            if (quality > best)
            {
                (best, mixture) = (quality, candidate);
            }
        }

        return mixture;
    }

    private PreparedModel Mix(PreparedModel shared, PreparedModel local, float mixture)
    {
        if (mixture is 0 or 1)
        {
            return mixture == 0 ? shared : local;
        }

        var values = new float[shared.Parameters.Length];
        TensorPrimitives.Subtract(local.Parameters.Span, shared.Parameters.Span, values);
        TensorPrimitives.MultiplyAdd(values, mixture, shared.Parameters.Span, values);
        return learner.Prepare(values, shared.Phase);
    }
}

/// <summary>Where a client's own data would take a model: the client plays a round of a federation that it is alone in.</summary>
/// <remarks>This needs no more of a learner than its rounds do, so it holds for every one that learns in rounds.</remarks>
internal sealed class OwnDirection(ILearner learner) : IDisposable
{
    private readonly ILearnerWorker _worker = learner.CreateWorker();
    private readonly UpdateBuffer _buffer = new();
    private readonly FixedPointSum _sum = new(learner.Recipe(LearningPhase.Training).Update.Length);
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

        learner.Conclude(ServerState.Initial(model.Parameters) with { Phase = model.Phase }, _sum, _delta);
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
