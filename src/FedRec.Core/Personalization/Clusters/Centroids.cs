using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Randomness;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>k-means on sketches of updates, of which the server sees sums only: one step of Lloyd's algorithm in each round.</summary>
/// <remarks>Nobody's sketch is known, so no centroid can begin at one, as in k-means++. They begin around the mean of the first round, each a
/// small way off in a direction of its own: that parts the clients by where they lie around their mean, and the rounds after that move each
/// centroid halfway to the mean of those who were nearest to it; halfway, because a cohort is a sample.</remarks>
internal static class Centroids
{
    public const float Spread = 0.01f; // only its direction counts, as long as it is small
    private const float Step = 0.5f;

    /// <summary>Directions that add up to nothing, so that they part the clients around the mean; one alone is zero.</summary>
    public static void Initialize(ulong seed, Span<float> centroids)
    {
        var random = SeedSequence.For(seed, "clusters.centroids");
        var count = centroids.Length / UpdateSketch.Length;
        foreach (ref var value in centroids)
        {
            value = (float)random.NextGaussian();
        }

        for (var i = 0; i < UpdateSketch.Length; i++)
        {
            var mean = 0f;
            for (var cluster = 0; cluster < count; cluster++)
            {
                mean += At(centroids, cluster)[i] / count;
            }

            for (var cluster = 0; cluster < count; cluster++)
            {
                At(centroids, cluster)[i] = count == 1 ? 0 : At(centroids, cluster)[i] - mean;
            }
        }

        for (var cluster = 0; cluster < count; cluster++)
        {
            Shorten(At(centroids, cluster));
        }
    }

    /// <summary>The cluster whose centroid is nearest; of equally near ones the first.</summary>
    public static int Nearest(ReadOnlySpan<float> centroids, ReadOnlySpan<float> sketch)
    {
        var (nearest, least) = (0, float.PositiveInfinity);
        for (var cluster = 0; cluster < centroids.Length / UpdateSketch.Length; cluster++)
        {
            var distance = VectorKernels.SquaredDistance(centroids.Slice(cluster * UpdateSketch.Length, UpdateSketch.Length), sketch);
            if (distance < least)
            {
                (nearest, least) = (cluster, distance);
            }
        }

        return nearest;
    }

    /// <summary>After the first round, in which all are in the first cluster: all centroids go to the mean, each a little off.</summary>
    /// <param name="centroids">Directions.</param>
    /// <param name="sketches">Sums of sketches by cluster.</param>
    /// <param name="weights">Sums of weights by cluster.</param>
    /// <param name="delta">Receives what the centroids change by.</param>
    public static void Place(ReadOnlySpan<float> centroids, ReadOnlySpan<long> sketches, ReadOnlySpan<long> weights, Span<float> delta)
    {
        for (var i = 0; i < delta.Length; i++)
        {
            delta[i] = (float)(sketches[i % UpdateSketch.Length] / (double)weights[0]) + ((Spread - 1) * centroids[i]);
        }
    }

    /// <summary>After a later round: each centroid goes halfway to the mean of its cluster.</summary>
    /// <param name="centroids">Where they are.</param>
    /// <param name="sketches">Sums of sketches by cluster.</param>
    /// <param name="weights">Sums of weights by cluster; a cluster that nobody is in stays where it is.</param>
    /// <param name="delta">Receives what the centroids change by.</param>
    public static void Move(ReadOnlySpan<float> centroids, ReadOnlySpan<long> sketches, ReadOnlySpan<long> weights, Span<float> delta)
    {
        for (var i = 0; i < delta.Length; i++)
        {
            var weight = weights[i / UpdateSketch.Length];
            delta[i] = weight > 0 ? Step * (float)((sketches[i] / (double)weight) - centroids[i]) : 0;
        }
    }

    private static Span<float> At(Span<float> centroids, int cluster) => centroids.Slice(cluster * UpdateSketch.Length, UpdateSketch.Length);

    /// <summary>Makes a direction one of length 1; zero stays zero.</summary>
    public static void Shorten(Span<float> direction)
    {
        var norm = MathF.Sqrt(VectorKernels.Dot(direction, direction)); // the same on every machine
        if (norm > 0)
        {
            System.Numerics.Tensors.TensorPrimitives.Divide(direction, norm, direction);
        }
    }
}
