namespace FedRec.Core.Randomness;

/// <summary>Draws random shares: the usual model of how unevenly things are spread over parties.</summary>
/// <remarks>A Dirichlet draw is a vector of Gamma draws over their sum. The Gamma draws are those of Marsaglia and Tsang 2000. Their
/// logarithms are kept, as a draw of a small shape is often smaller than the smallest number.</remarks>
internal static class DirichletDraw
{
    /// <summary>One draw from the symmetric Dirichlet distribution.</summary>
    /// <param name="parts">Number of shares, at least 1.</param>
    /// <param name="alpha">Concentration, above 0: near 0 one share has it all, when it is large all are alike.</param>
    /// <param name="random">The stream to draw from.</param>
    /// <returns>Shares in [0, 1] that add up to 1.</returns>
    public static double[] Next(int parts, double alpha, ref SeededRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
        var shares = new double[parts];
        for (var i = 0; i < parts; i++)
        {
            shares[i] = NextLogGamma(alpha, ref random);
        }

        var (largest, sum) = (shares.Max(), 0.0);
        for (var i = 0; i < parts; i++)
        {
            sum += shares[i] = Math.Exp(shares[i] - largest);
        }

        for (var i = 0; i < parts; i++)
        {
            shares[i] /= sum;
        }

        return shares;
    }

    /// <summary>The logarithm of a draw from the Gamma distribution with scale 1.</summary>
    /// <param name="shape">Above 0; below 1 the draw of shape + 1 is multiplied by U^(1/shape), with U uniform.</param>
    /// <param name="random">The stream to draw from.</param>
    internal static double NextLogGamma(double shape, ref SeededRandom random) => shape < 1
        ? NextLogGamma(shape + 1, ref random) + (Math.Log(1 - random.NextDouble()) / shape)
        : NextLogLargeGamma(shape, ref random);

    // Names follow the paper: a cubed normal draw, accepted by a squeeze of the exact test.
    private static double NextLogLargeGamma(double shape, ref SeededRandom random)
    {
        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = random.NextGaussian();
            var v = 1 + (c * x);
            if (v <= 0)
            {
                continue;
            }

            v = v * v * v;
            if (Math.Log(1 - random.NextDouble()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return Math.Log(d) + Math.Log(v);
            }
        }
    }
}
