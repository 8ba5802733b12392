using FedRec.Core.Randomness;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>What becomes of clusters with less than a tenth of an even share of the weights.</summary>
internal static class ThinClusters
{
    private const double LeastShare = 0.1; // of an even share
    private const float Away = 1_000; // sketches have length 1 or 0

    /// <summary>They begin anew, a little off the largest one, which this parts in two.</summary>
    /// <param name="centroids">Where they are.</param>
    /// <param name="weights">Sums of weights by cluster.</param>
    /// <param name="round">Rounds done; gives the directions.</param>
    /// <param name="delta">What the centroids change by; changed for those that begin anew.</param>
    public static void Restart(ReadOnlySpan<float> centroids, ReadOnlySpan<long> weights, int round, Span<float> delta)
    {
        foreach (var cluster in Find(weights, out var largest))
        {
            PutBeside(centroids, largest, cluster, SeedSequence.For((ulong)round, "clusters.restart", cluster), delta);
        }
    }

    /// <summary>They go where no client is near: those who were in them take the nearest of the others.</summary>
    /// <remarks>For when no round is left in which they could grow: the sum of a cluster of few is that of few.</remarks>
    /// <param name="centroids">Where they are.</param>
    /// <param name="weights">Sums of weights by cluster.</param>
    /// <param name="delta">What the centroids change by; changed for those that are dissolved.</param>
    public static void Dissolve(ReadOnlySpan<float> centroids, ReadOnlySpan<long> weights, Span<float> delta)
    {
        foreach (var cluster in Find(weights, out _))
        {
            for (var i = cluster * UpdateSketch.Length; i < (cluster + 1) * UpdateSketch.Length; i++)
            {
                delta[i] = Away - centroids[i];
            }
        }
    }

    private static List<int> Find(ReadOnlySpan<long> weights, out int largest)
    {
        (largest, var total, var thin) = (0, 0.0, new List<int>());
        for (var cluster = 0; cluster < weights.Length; cluster++)
        {
            largest = weights[cluster] > weights[largest] ? cluster : largest;
            total += weights[cluster];
        }

        for (var cluster = 0; cluster < weights.Length; cluster++)
        {
            if (cluster != largest && weights[cluster] < LeastShare * total / weights.Length)
            {
                thin.Add(cluster);
            }
        }

        return thin;
    }

    private static void PutBeside(ReadOnlySpan<float> centroids, int largest, int cluster, SeededRandom random, Span<float> delta)
    {
        Span<float> aside = stackalloc float[UpdateSketch.Length];
        foreach (ref var value in aside)
        {
            value = (float)random.NextGaussian();
        }

        Centroids.Shorten(aside);
        var (there, here) = (largest * UpdateSketch.Length, cluster * UpdateSketch.Length);
        for (var i = 0; i < aside.Length; i++)
        {
            delta[here + i] = centroids[there + i] + delta[there + i] + (Centroids.Spread * aside[i]) - centroids[here + i];
        }
    }
}
