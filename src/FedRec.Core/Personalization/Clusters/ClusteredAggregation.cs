using System.Numerics.Tensors;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>The server's side of a round with clusters: what the sum of all clients changes in each model and in the centroids.</summary>
/// <remarks>The shared model's change is the other learner's, from its own part of the sum. A cluster's is that too until the warm-up is over, and
/// after it the other learner's from the cluster's part, of whose clients the sum of weights is all that is known, and all that a mean needs.</remarks>
internal sealed class ClusteredAggregation(ILearner inner, ClusteredLayout layout, ClusterSchedule schedule)
{
    /// <summary>Writes what a round changes.</summary>
    /// <param name="state">Before the round.</param>
    /// <param name="sum">Updates of all its clients.</param>
    /// <param name="delta">Receives the changes, beside the state's parameters.</param>
    public void Apply(ServerState state, FixedPointSum sum, Span<float> delta)
    {
        var parameters = state.Parameters.Span;
        var rounds = state.Phase.Rounds;
        delta[layout.Reference..].Clear();
        ChangeModels(state, sum, rounds, delta);
        if (schedule.Forms(rounds))
        {
            MoveCentroids(parameters, sum.Values, rounds, delta);
        }

        if (rounds == schedule.Forming - 1)
        {
            // It becomes the model that the last sketches are of; it is zero, unless a run goes on from a version that had clusters.
            TensorPrimitives.Subtract(parameters[..layout.ModelLength], parameters.Slice(layout.Reference, layout.ModelLength), delta[layout.Reference..]);
        }
    }

    private void ChangeModels(ServerState state, FixedPointSum sum, int rounds, Span<float> delta)
    {
        Change(state, sum, ClusteredLayout.Shared, sum.Weight, delta);
        for (var cluster = 0; cluster < layout.Clusters; cluster++)
        {
            if (schedule.Trains(rounds))
            {
                Change(state, sum, cluster, sum.Values[layout.Weights(layout.Training) + cluster], delta);
            }
            else
            {
                delta[..layout.ModelLength].CopyTo(delta[layout.Model(cluster)..]);
            }
        }
    }

    // A model that nobody has trained stays.
    private void Change(ServerState state, FixedPointSum sum, int model, long weight, Span<float> delta)
    {
        var own = delta.Slice(layout.Model(model), layout.ModelLength);
        if (weight == 0)
        {
            own.Clear();
            return;
        }

        var values = sum.Encoded.Slice(layout.Share(model) * sizeof(long), layout.ShareLength * sizeof(long));
        var part = new FixedPointSum(values, weight, sum.Loss, sum.Clients, sum.Examples, sum.MaxWeight, sum.Scale);
        inner.Conclude(ServerState.Initial(state.Parameters.Slice(layout.Model(model), layout.ModelLength)), part, own);
    }

    private void MoveCentroids(ReadOnlySpan<float> parameters, ReadOnlySpan<long> sums, int rounds, Span<float> delta)
    {
        var length = layout.Clusters * UpdateSketch.Length;
        var before = parameters.Slice(layout.Centroids, length);
        var sketches = sums.Slice(layout.Sketches, length);
        var weights = sums.Slice(layout.Weights(layout.Forming), layout.Clusters);
        var change = delta.Slice(layout.Centroids, length);
        if (rounds == 0)
        {
            Centroids.Place(before, sketches, weights, change);
            return;
        }

        Centroids.Move(before, sketches, weights, change);
        if (schedule.Forms(rounds + 1))
        {
            ThinClusters.Restart(before, weights, rounds, change);
        }
        else
        {
            ThinClusters.Dissolve(before, weights, change);
        }
    }
}
