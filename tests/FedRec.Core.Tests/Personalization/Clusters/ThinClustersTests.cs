using FedRec.Core.Personalization.Clusters;
using static FedRec.Core.Tests.Personalization.Clusters.CentroidsTests;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>By hand: all vectors but their first value are zero.</summary>
public sealed class ThinClustersTests
{
    private const int Length = UpdateSketch.Length;

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Restart_OfAThinCluster_PutsItBesideTheLargest(double weight)
    {
        var (before, delta) = (Vectors(0.5f, 0.25f), new float[2 * Length]);
        delta[0] = 0.125f;

        ThinClusters.Restart(before, Weights(200 - weight, weight), round: 3, delta); // a tenth of an even share is 10

        var apart = Enumerable.Range(0, Length).Sum(i => Math.Pow(before[Length + i] + delta[Length + i] - (before[i] + delta[i]), 2));
        Assert.Equal(0.01, Math.Sqrt(apart), 1e-6);
        Assert.Equal(0.125f, delta[0]);
    }

    [Fact]
    public void Dissolve_OfAThinCluster_LeavesItsClientsToTheNearestOther()
    {
        var (before, delta) = (Vectors(0.5f, 1, -1), new float[3 * Length]);

        ThinClusters.Dissolve(before, Weights(150, 9, 141), delta);

        var after = before.Zip(delta, (at, change) => at + change).ToArray();
        Assert.Equal(1, Centroids.Nearest(before, Vectors(0.9f)));
        Assert.Equal(0, Centroids.Nearest(after, Vectors(0.9f)));
        Assert.Equal(0, Centroids.Nearest(after, new float[Length])); // a client without an update
        Assert.Equal(2, Centroids.Nearest(after, Vectors(-0.9f)));
    }

    [Fact]
    public void RestartAndDissolve_OfClustersThatAreNotThin_ChangeNothing()
    {
        var delta = new float[2 * Length];

        ThinClusters.Restart(Vectors(0.5f, 0.25f), Weights(190, 10), round: 3, delta);
        ThinClusters.Dissolve(Vectors(0.5f, 0.25f), Weights(190, 10), delta);

        Assert.All(delta, number => Assert.Equal(0, number));
    }
}
