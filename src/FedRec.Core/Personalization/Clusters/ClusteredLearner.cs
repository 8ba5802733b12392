using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>Trains the shared model of another learner as ever, and beside it one model for each cluster of clients with similar updates.</summary>
/// <remarks>Clients of opposite tastes pull a shared model in opposite directions, which shows in their updates (Sattler et al. 2019,
/// arXiv:1910.01991, part clients by the cosine of their updates, seen one by one). Here nobody's update is seen: a client sketches its own update of
/// the shared model (<see cref="UpdateSketch"/>), finds the nearest of the centroids that came with the model, and adds its sketch to that cluster's
/// sum, by which the server moves the centroid (<see cref="Centroids"/>). Clients choose by updates and not, as in IFCA (Ghosh et al. 2020,
/// arXiv:2006.04088), by the loss of each model, which costs a training per cluster and needs models that differ before there are clusters.
/// <para>Clusters form in the first rounds (<see cref="ClusterSchedule"/>); then centroids and the shared model of that time stay, as a reference at
/// which clients find their cluster again in every round and at every version, and no sketch is sent any more. The clusters' models go along with the
/// shared one, moments of the server's optimizer included, until the warm-up is over; so they part from a model that is good already. From then
/// on clients train three times: at the reference, the shared and their cluster's model.</para>
/// <para>The shared model is, to the last bit, what it is without clusters, as the server's optimizers step every parameter by itself. With one cluster
/// its model is the shared one. A version, and what clients receive, is clusters + 2 models. The sum of a
/// small cluster is that of few clients: thin clusters begin anew while clusters form and are dissolved at the end of it; after that no size is promised.</para>
/// <para>Whether it pays depends on the clients. Where camps contradict each other it pays, see the tests. Viewers of films do not: on MovieLens 100K, 943
/// clients, two clusters, mf loses a little to its shared model (NDCG@10 .076 against .080, mean of 2 seeds) and three clusters lose more (.071), as
/// each model learns from a part of the clients; a party split of α = 0.1 with 20 parties is no different (.073 against .080).</para></remarks>
internal sealed class ClusteredLearner : ILearner
{
    private readonly ILearner _inner;
    private readonly ClusteredLayout _layout;
    private readonly ClusterSchedule _schedule;

    /// <summary>Puts clusters around a learner.</summary>
    /// <param name="inner">The learner of one model.</param>
    /// <param name="clusters">Number of clusters, at least 1.</param>
    /// <param name="warmUp">Rounds in which the clusters' models are the shared one, at least 1.</param>
    /// <exception cref="ArgumentException">The learner cannot be trained in clusters.</exception>
    public ClusteredLearner(ILearner inner, int clusters, int warmUp)
    {
        if (inner.Recipe(LearningPhase.Training).KeepsState || inner.PhaseOf(inner.Initialize(0)) != LearningPhase.Training)
        {
            throw new ArgumentException($"The learner {inner.Name}, with these options, cannot be trained in clusters: it has rounds or private parameters of its own that do not belong to one model; use mf without scaffold, or ncf.", nameof(inner));
        }

        (_inner, _layout, _schedule) = (inner, new ClusteredLayout(inner, clusters), new ClusterSchedule(warmUp));
    }

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public ParameterLayout Parameters => _layout.Parameters;

    /// <inheritdoc/>
    public RoundRecipe Recipe(LearningPhase phase) =>
        _schedule.Forms(phase.Rounds) ? _layout.Forming : _schedule.Trains(phase.Rounds) ? _layout.Training : _layout.WarmUp;

    /// <inheritdoc/>
    public LearningPhase PhaseOf(ReadOnlySpan<float> version) => _schedule.PhaseAfter(ClusteredLayout.Rounds(version));

    /// <inheritdoc/>
    public ReadOnlyMemory<float> ToVersion(ReadOnlyMemory<float> parameters, LearningPhase phase)
    {
        var values = parameters.ToArray();
        values[^1] = phase.Rounds;
        return values;
    }

    /// <inheritdoc/>
    public double LargestUpdate => _inner.LargestUpdate;

    /// <inheritdoc/>
    public float[] Initialize(ulong seed)
    {
        var (values, one) = (new float[Parameters.Length], _inner.Initialize(seed));
        for (var model = ClusteredLayout.Shared; model < _layout.Clusters; model++)
        {
            one.CopyTo(values, _layout.Model(model));
        }

        Centroids.Initialize(seed, values.AsSpan(_layout.Centroids, _layout.Clusters * UpdateSketch.Length));
        return values;
    }

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase)
    {
        if (parameters.Length != Parameters.Length)
        {
            throw new ArgumentException($"{parameters.Length} values are not the {Parameters.Length} of {_layout.Clusters} clusters.", nameof(parameters));
        }

        var shared = _inner.Prepare(parameters[.._layout.ModelLength], LearningPhase.Training);
        return new ClusteredModel(parameters, phase, _layout, shared)
        {
            Clusters = [.. Enumerable.Range(0, _layout.Clusters).Select(cluster => PrepareOne(parameters, _layout.Model(cluster), shared))],
            Reference = _schedule.Trains(phase.Rounds) ? PrepareOne(parameters, _layout.Reference, shared) : shared,
        };
    }

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker()
    {
        var worker = CreateClusteredWorker();
        return worker.PredictsRatings ? new ClusteredRatingWorker(worker) : worker;
    }

    /// <summary>A worker that can also choose a cluster.</summary>
    public ClusteredWorker CreateClusteredWorker() => new(_inner, _layout, _schedule);

    /// <inheritdoc/>
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        new ClusteredAggregation(_inner, _layout, _schedule).Apply(state, aggregate.Sum, delta);
        return new StepProposal(_schedule.PhaseAfter(state.Phase.Rounds + 1), Exact: _layout.Statistics);
    }

    private PreparedModel PrepareOne(ReadOnlyMemory<float> parameters, int offset, PreparedModel shared)
    {
        var one = parameters.Slice(offset, _layout.ModelLength);
        return one.Span.SequenceEqual(shared.Parameters.Span) ? shared : _inner.Prepare(one, LearningPhase.Training);
    }
}
