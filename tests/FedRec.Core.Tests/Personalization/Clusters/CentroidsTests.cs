using FedRec.Core.Aggregation;
using FedRec.Core.Personalization.Clusters;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>One step of k-means from sums, by hand: all vectors but their first value are zero.</summary>
public sealed class CentroidsTests
{
    private const int Length = UpdateSketch.Length;

    [Theory]
    [InlineData(0.2f, 0)]
    [InlineData(0.9f, 1)]
    [InlineData(0.5f, 0)]
    public void Nearest_IsTheOneAtTheLeastDistanceAndOfEqualOnesTheFirst(float first, int expected) =>
        Assert.Equal(expected, Centroids.Nearest(Vectors(0, 1), Vectors(first)));

    [Fact]
    public void Move_GoesHalfwayToTheMeanAndLeavesEmptyOnes()
    {
        var delta = new float[2 * Length];

        Centroids.Move(Vectors(0.5f, 0.25f), Sums(6, 0), Weights(4, 0), delta); // mean 1.5

        Assert.Equal(0.5f, delta[0]);
        Assert.All(delta[1..], number => Assert.Equal(0, number));
    }

    [Fact]
    public void Place_PutsAllAroundTheMean()
    {
        var (delta, before) = (new float[2 * Length], Vectors(1, -1));

        Centroids.Place(before, Sums(3, 0), Weights(4, 0), delta); // mean 0.75

        Assert.Equal(0.75f + 0.01f, before[0] + delta[0], 1e-6f);
        Assert.Equal(0.75f - 0.01f, before[Length] + delta[Length], 1e-6f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Initialize_GivesDirectionsThatDependOnTheSeed(int clusters)
    {
        var (one, again, other) = (new float[clusters * Length], new float[clusters * Length], new float[clusters * Length]);

        Centroids.Initialize(1, one);
        Centroids.Initialize(1, again);
        Centroids.Initialize(2, other);

        Assert.Equal(one, again);
        Assert.Equal(clusters == 1, one.SequenceEqual(other));
        Assert.All(one.Chunk(Length), direction => Assert.Equal(clusters == 1 ? 0 : 1, Math.Sqrt(direction.Sum(x => (double)x * x)), 1e-5));
        Assert.True(clusters != 2 || Math.Abs(one[0] + one[Length]) < 1e-6); // two are opposite
    }

    internal static float[] Vectors(params float[] firsts) => [.. firsts.SelectMany(first => (float[])[first, .. new float[Length - 1]])];

    private static long[] Sums(params double[] firsts) => [.. firsts.SelectMany(first => (long[])[FixedPoint.Encode(first), .. new long[Length - 1]])];

    internal static long[] Weights(params double[] weights) => [.. weights.Select(FixedPoint.Encode)];
}
