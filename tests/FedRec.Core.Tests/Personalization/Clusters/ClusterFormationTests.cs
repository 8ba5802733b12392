using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Personalization.Clusters;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Native;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>Where updates go while clusters form, and what stands still afterwards.</summary>
[Collection(nameof(TorchCollection))]
public sealed class ClusterFormationTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    public void Train_OfAClient_GoesToTheSharedModelAndToOneCluster(int warmUp, int rounds)
    {
        var (inner, defaults) = ClusterToy.Inner("mf", "objective", "logistic");
        var (learner, layout) = (new ClusteredLearner(inner, 3, warmUp), new ClusteredLayout(inner, 3));
        var model = learner.Prepare(LocalFederation.Train(learner, defaults, ClusterToy.Data, rounds, seed: 7));
        using var worker = learner.CreateWorker();

        var update = new UpdateBuffer();
        worker.Train(model, new LocalTask(ClusterToy.Clients.Client(2), SeedSequence.For(1, 4, 2)), update);

        var offsets = Enumerable.Range(0, update.SegmentCount).Select(update.Offset).ToArray();
        var weights = layout.Weights(learner.Recipe(model.Phase));
        var cluster = offsets.Single(offset => offset >= weights) - weights;
        var own = offsets.Where(offset => offset >= layout.ShareLength && offset < weights).ToArray();
        var (shares, sketches) = rounds < warmUp ? ([], own) : (own, Array.Empty<int>());
        Assert.Contains(offsets, offset => offset < layout.ShareLength);
        Assert.Equal(rounds < warmUp, shares.Length == 0);
        Assert.All(shares, offset => Assert.InRange(offset, layout.Share(cluster), layout.Share(cluster) + layout.ShareLength - 1));
        Assert.Equal(rounds < warmUp ? [layout.Sketches + (cluster * UpdateSketch.Length)] : [], sketches);
    }

    [Fact]
    public void Train_AfterTheClustersHaveFormed_MovesNeitherCentroidsNorReference()
    {
        var (inner, defaults) = ClusterToy.Inner("mf", "objective", "least-squares");
        var (learner, layout) = (new ClusteredLearner(inner, 2, warmUp: 12), new ClusteredLayout(inner, 2));

        float[] After(int rounds) => LocalFederation.Train(learner, defaults, ClusterToy.Data, rounds, seed: 7).ToArray();

        Assert.Equal(After(10)[layout.Reference..^1], After(14)[layout.Reference..^1]);
        Assert.Equal(After(9)[..layout.ModelLength], After(14)[layout.Reference..layout.Centroids]); // the model of the last sketches
        Assert.Equal(After(12)[..layout.ModelLength], After(12)[layout.Model(1)..layout.Reference]);
        Assert.NotEqual(After(13)[..layout.ModelLength], After(13)[layout.Model(1)..layout.Reference]);
    }

    [Fact]
    public void Clusters_ThatAreThinAtTheEndOfTheirForming_AreNobodysAfterwards()
    {
        var (inner, defaults) = ClusterToy.Inner("mf", "objective", "least-squares");
        var (learner, layout) = (new ClusteredLearner(inner, 16, warmUp: 3), new ClusteredLayout(inner, 16));
        var federation = new InProcessFederation(learner, _ => defaults.ServerOptimizer.Create(), ClientWeighting.Parse(defaults.Weighting, 0));
        ClientData[] clients = [ClusterToy.Clients.Client(0), ClusterToy.Clients.Client(1)];

        var version = (ClusteredModel)learner.Prepare(federation.Train(clients, rounds: 3, seed: 1)); // 14 clusters at least have no client

        var centroids = version.Parameters.Slice(layout.Centroids, 16 * UpdateSketch.Length).ToArray().Chunk(UpdateSketch.Length).ToList();
        Assert.InRange(centroids.Count(centroid => centroid[0] < 100), 1, 2);
    }

    [Fact]
    public void Clusters_OfAVersionThatALongerWarmUpGoesOnFrom_StayWhatTheyAreAndTheReferenceFollows()
    {
        var (inner, defaults) = ClusterToy.Inner("mf", "objective", "least-squares");
        var layout = new ClusteredLayout(inner, 2);
        var parameters = LocalFederation.Train(new ClusteredLearner(inner, 2, warmUp: 1), defaults, ClusterToy.Data, rounds: 3, seed: 7);
        var longer = new ClusteredLearner(inner, 2, warmUp: 4);

        var model = (ClusteredModel)longer.Prepare(parameters);
        var delta = ClusterToy.Delta(longer, parameters, [0, 1, 2]); // of the fourth round, the last in which clusters form

        Assert.Equal(parameters.ToArray()[layout.Model(1)..layout.Reference], model.Clusters[1].Parameters.ToArray());
        for (var i = 0; i < layout.ModelLength; i++)
        {
            Assert.Equal(parameters.Span[i], parameters.Span[layout.Reference + i] + delta[layout.Reference + i], 1e-5f);
        }
    }
}
