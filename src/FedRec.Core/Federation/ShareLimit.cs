using System.Globalization;
using System.Numerics;

namespace FedRec.Core.Federation;

/// <summary>Limits any party's share in the mean: the cap on weights under which no client has more than a share of all of them.</summary>
/// <remarks>The cap is the largest c with c ≤ S · Σ min(bᵢ, c), where bᵢ is a client's size rounded down to a power of two: so the exact sizes
/// are not revealed by it, and as min(nᵢ, c) ≤ c and bᵢ ≤ nᵢ the limit holds for the true sizes. It holds where all clients take part;
/// in a cohort that lacks some, a share can be larger, and the record of a round says how large the largest was.</remarks>
public static class ShareLimit
{
    private const double Tolerance = 1e-9;

    /// <summary>The cap.</summary>
    /// <param name="sizes">Each client's examples, at least one client; a client without examples counts as one with one.</param>
    /// <param name="share">S, the largest share that is allowed, in (0, 1]; at least 1 / clients.</param>
    /// <returns>The largest weight, in examples, greater than 0.</returns>
    /// <exception cref="ArgumentException">So small a share cannot be kept by so few clients.</exception>
    public static double Cap(IReadOnlyCollection<int> sizes, double share)
    {
        if (!(share > 0 && share <= 1 && share * sizes.Count >= 1 - Tolerance))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"max-share is {share}; with {sizes.Count} clients one of them has at least {1.0 / sizes.Count:0.######} of all weights, and 1 is the most there can be."), nameof(share));
        }

        var buckets = sizes.Select(Bucket).Order().ToArray();
        var (cap, below) = ((double)buckets[0], 0.0); // equal weights keep every share that can be kept
        for (var i = 0; i < buckets.Length; i++)
        {
            var above = buckets.Length - i; // those that are capped while c is at most buckets[i]
            if (share * (below + (above * (double)buckets[i])) < buckets[i] - Tolerance)
            {
                return share * below / (1 - (share * above)); // c = S·(below + above·c)
            }

            (cap, below) = (buckets[i], below + buckets[i]);
        }

        return Math.Max(cap, share * below);
    }

    private static int Bucket(int size) => 1 << BitOperations.Log2((uint)Math.Max(size, 1));
}
