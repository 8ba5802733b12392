using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>A version of the shared model with the clusters' models beside it.</summary>
/// <param name="parameters">All of them.</param>
/// <param name="phase">Where the run stands with them.</param>
/// <param name="layout">Where what lies.</param>
/// <param name="shared">The shared model.</param>
internal sealed class ClusteredModel(ReadOnlyMemory<float> parameters, LearningPhase phase, ClusteredLayout layout, PreparedModel shared) : PreparedModel(parameters, phase)
{
    /// <summary>The model of everybody.</summary>
    public PreparedModel Shared => shared;

    /// <summary>The models of the clusters; the shared one itself where they are equal.</summary>
    public required IReadOnlyList<PreparedModel> Clusters { get; init; }

    /// <summary>The model at which clients sketch their updates: the shared one as long as the clusters form.</summary>
    public required PreparedModel Reference { get; init; }

    /// <summary>Rounds done.</summary>
    public int Rounds => Phase.Rounds;

    /// <summary>The cluster of a client with such a sketch. Before the first round there is one only.</summary>
    public int Nearest(ReadOnlySpan<float> sketch) => Rounds == 0
        ? 0
        : Centroids.Nearest(Parameters.Span.Slice(layout.Centroids, layout.Clusters * UpdateSketch.Length), sketch);
}

/// <summary>The client takes the model of the cluster that its update of the shared model is nearest to.</summary>
/// <remarks>It chooses again at every version, so that it keeps nothing; one without items has no update and takes the shared model.</remarks>
internal sealed class ClusterChoice(ClusteredLearner learner) : IPersonalization
{
    private readonly ClusteredWorker _worker = learner.CreateClusteredWorker();

    /// <inheritdoc/>
    public PreparedModel Personalize(PreparedModel version, ClientData own, SeededRandom random) =>
        OwnDirection.HasItems(own) ? _worker.Choose((ClusteredModel)version, new LocalTask(own, random)) : version;

    /// <inheritdoc/>
    public void Dispose() => _worker.Dispose();
}

/// <summary>What the rounds of a run with clusters are for: first the clusters form, then their models train.</summary>
/// <param name="WarmUp">Rounds before the clusters' models part from the shared one, at least 1.</param>
internal readonly record struct ClusterSchedule(int WarmUp)
{
    private const int MostForming = 10;

    /// <summary>Rounds in which the clusters form: the first ten of the warm-up.</summary>
    /// <remarks>Ten, because the updates of an early model show what a client likes, and those of a trained one what is left over: where a shared
    /// model serves all tastes, clusters found by its last updates have nothing to do with them any more.</remarks>
    public int Forming => Math.Min(WarmUp, MostForming);

    /// <summary>The phase after so many rounds.</summary>
    public LearningPhase PhaseAfter(int rounds) => new(Forms(rounds) ? "forming" : Trains(rounds) ? "clusters" : "warm-up", rounds);

    /// <summary>Whether the clusters still form after so many rounds.</summary>
    public bool Forms(int rounds) => rounds < Forming;

    /// <summary>Whether clients train their cluster's model after so many rounds.</summary>
    public bool Trains(int rounds) => rounds >= WarmUp;
}
