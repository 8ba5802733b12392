using System.Numerics.Tensors;

namespace FedRec.Core.Learners.PrincipalComponents;

/// <summary>The items whose pairs are counted: those met so often that their pairs can stand out of the noise; and what everybody has of them in common.</summary>
/// <remarks>Worked out of the first round's noisy means and the noise that is to come, which everybody may know: clients and server come to the same.</remarks>
internal sealed class CommonItems
{
    /// <summary>Fewest items, where there are as many.</summary>
    public const int Least = 10;

    private const double LeastEnergy = 0.2; // of the noise's; between 0.1 and 0.3 held-out validation items of three data sets tell no difference
    private const double LeastDeviations = 3;

    private CommonItems(int[] items, float[] direction) => (Items, Direction) = (items, direction);

    /// <summary>Their numbers, ascending.</summary>
    public int[] Items { get; }

    /// <summary>What everybody has in common: a vector of length 1, a value for each of <see cref="Items"/>.</summary>
    public float[] Direction { get; }

    /// <summary>Chooses them.</summary>
    /// <param name="means">Means of the first round, with noise.</param>
    /// <param name="noise">Its standard deviation, from which that of the second round follows.</param>
    /// <param name="most">The most items.</param>
    /// <remarks>Were items met independently, an item's row of the matrix of pairs would be its mean times all the means, whose squares add up to its signal; those of the noise add up to half the
    /// variance a place. An item is in as long as the signal is a fifth of that.</remarks>
    public static CommonItems Choose(ReadOnlySpan<float> means, double noise, int most)
    {
        var pairNoise = noise / Pca.CountingNoise;
        var values = means.ToArray();
        int[] order = [.. Enumerable.Range(0, values.Length).OrderByDescending(item => values[item]).ThenBy(item => item)];
        var (energy, chosen) = (0.0, 0);
        for (var count = 1; count <= Math.Min(most, order.Length); count++)
        {
            var mean = Math.Max(0, values[order[count - 1]]);
            energy += (mean * mean) - (noise * noise);
            var isClear = mean >= LeastDeviations * noise && mean * mean * energy >= LeastEnergy * count * pairNoise * pairNoise / 2;
            chosen = isClear || count <= Least ? count : chosen;
        }

        int[] items = [.. order.Take(chosen).Order()];
        var direction = Array.ConvertAll(items, item => Math.Max(0, values[item]));
        var length = TensorPrimitives.Norm<float>(direction);
        if (length > 0)
        {
            TensorPrimitives.Divide(direction, length, direction);
        }

        return new CommonItems(items, direction);
    }
}
