using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>Shrinks a client's update to a few numbers of length 1 whose inner products are about the cosines of the updates.</summary>
/// <remarks>A count sketch, also known as feature hashing (Weinberger et al. 2009, arXiv:0902.2206): each value goes to one of
/// <see cref="Length"/> sums, with a sign, both drawn by its position. So the cost follows what the client touched, and everybody's sketches fit
/// together without a matrix to share. The error of a cosine is about 1/√Length = 1/16.</remarks>
internal static class UpdateSketch
{
    /// <summary>Numbers of a sketch; a power of two.</summary>
    public const int Length = 256;

    private const ulong Purpose = 0x636C757374657273; // "clusters": a stream of its own

    /// <summary>Sketches an update.</summary>
    /// <param name="update">What the client contributes.</param>
    /// <param name="length">Values at the beginning of the update layout that count, such as those of the item tables.</param>
    /// <param name="sketch">Receives a vector of length 1; zeros when the update is zero, or not finite.</param>
    public static void Write(UpdateBuffer update, int length, Span<float> sketch)
    {
        Span<double> sums = stackalloc double[Length];
        sums.Clear();
        for (var segment = 0; segment < update.SegmentCount; segment++)
        {
            var offset = update.Offset(segment);
            var values = update.SegmentValues(segment);
            for (var i = 0; i < values.Length && offset + i < length; i++)
            {
                var place = SeedSequence.Mix(Purpose ^ (ulong)(offset + i));
                sums[(int)(place % Length)] += (long)place < 0 ? -values[i] : values[i];
            }
        }

        Normalise(sums, sketch);
    }

    private static void Normalise(ReadOnlySpan<double> sums, Span<float> sketch)
    {
        var norm = 0.0;
        foreach (var sum in sums)
        {
            norm += sum * sum;
        }

        var scale = norm > 0 && double.IsFinite(norm) ? 1 / Math.Sqrt(norm) : 0;
        for (var i = 0; i < Length; i++)
        {
            sketch[i] = scale > 0 ? (float)(sums[i] * scale) : 0;
        }
    }
}
