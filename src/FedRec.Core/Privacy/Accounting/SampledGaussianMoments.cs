namespace FedRec.Core.Privacy.Accounting;

/// <summary>Rényi divergence of normal noise on a Poisson sample of the users.</summary>
/// <remarks>With a user, an answer has the density (1 − q)·N(0, σ²) + q·N(1, σ²) = μ₀·(1 + y), y = q·(exp((2x − 1) / 2σ²) − 1); without, μ₀ = N(0, σ²). The divergence of order α is
/// ln E[(1 + y)^α] / (α − 1) over μ₀, which is the larger one of both directions (Mironov, Talwar and Zhang 2019, arXiv:1908.10530, Theorem 5). As E[y] = 0, the excess
/// E[(1 + y)^α] − 1 is the mean of (1 + y)^α − 1 − αy, which is nowhere below 0: only positive numbers are added, so no digits are lost where the sample is small.</remarks>
internal static class SampledGaussianMoments
{
    // More than all that rounding can take away.
    private const double Outward = 1 + 1e-10;
    private const int MostPoints = 20_000;

    /// <summary>The divergence, never below the exact one.</summary>
    /// <param name="sigma">Standard deviation of the noise ÷ sensitivity; at least 0.</param>
    /// <param name="q">Chance of being in the sample, in [0, 1].</param>
    /// <param name="order">α, above 1.</param>
    public static double Divergence(double sigma, double q, double order)
    {
        if (!(order > 1 && double.IsFinite(order)))
        {
            throw new ArgumentOutOfRangeException(nameof(order), order, "The order must be a number above 1.");
        }

        return q == 0 || double.IsInfinity(sigma) ? 0
            : sigma == 0 ? double.PositiveInfinity
            : q == 1 ? order / (2 * sigma * sigma)
            : Outward * LogMoment(sigma, q, order) / (order - 1);
    }

    // ln E[(1 + y)^α].
    private static double LogMoment(double sigma, double q, double order)
    {
        if (order == Math.Floor(order))
        {
            return LogNumbers.LogOnePlusExp(LogExcessOfWhole(sigma, q, order));
        }

        // The integrand has no singularity nearer than πσ² to the real line, so the trapezoid rule errs by less than e⁻⁴⁰ at this step (Trefethen and Weideman 2014, Theorem 5.1).
        var step = Math.Min(sigma * sigma / 5, sigma / 2.5);
        if ((order + (24 * sigma)) / step <= MostPoints)
        {
            return LogNumbers.LogOnePlusExp(LogExcess(sigma, q, order, step));
        }

        // Hardly any noise: the logarithm is convex in the order, so it lies below its chord between whole orders.
        var low = Math.Floor(order);
        var below = low == 1 ? 0 : LogMoment(sigma, q, low);
        return below + ((order - low) * (LogMoment(sigma, q, low + 1) - below));
    }

    // Σ over k ≥ 2 of C(α, k)·(1 − q)^(α − k)·q^k·(exp(k(k − 1) / 2σ²) − 1): section 3.3 less 1, the sum of the binomial weights.
    private static double LogExcessOfWhole(double sigma, double q, double order)
    {
        var (stay, join) = (LogNumbers.LogOnePlus(-q), Math.Log(q));
        var (sum, binomial) = (new LogSum(), Math.Log(order));
        for (var k = 2.0; k <= order; k++)
        {
            binomial += Math.Log((order - k + 1) / k);
            sum.Add(binomial + ((order - k) * stay) + (k * join) + LogNumbers.LogExpMinusOne(k * (k - 1) / (2 * sigma * sigma)));
        }

        return sum.Log;
    }

    private static double LogExcess(double sigma, double q, double order, double step)
    {
        var sum = new LogSum();
        for (var x = -12 * sigma; x < order + (12 * sigma); x += step)
        {
            sum.Add(LogBeyondTangent((x - 0.5) / (sigma * sigma), q, order) - (x * x / (2 * sigma * sigma)));
        }

        return sum.Log + Math.Log(step / (sigma * Math.Sqrt(2 * Math.PI)));
    }

    // ln((1 + y)^α − 1 − αy), how far the power lies above its tangent; y = q·(e^ratio − 1).
    private static double LogBeyondTangent(double ratio, double q, double order)
    {
        var y = q * LogNumbers.ExpMinusOne(ratio);
        if (Math.Abs(y) * (order + 1) < 0.1)
        {
            var (term, sum) = (order * y, 0.0);
            for (var k = 2; k < 16; k++)
            {
                term *= (order - k + 1) / k * y;
                sum += term;
            }

            return Math.Log(sum);
        }

        var log = ratio > 700 ? Math.Log(q) + ratio : LogNumbers.LogOnePlus(y);
        return order * log < 300
            ? Math.Log(LogNumbers.ExpMinusOne(order * log) - (order * y))
            : (order * log) + LogNumbers.LogOnePlus(((order - 1) * Math.Exp(-order * log)) - (order * Math.Exp((1 - order) * log)));
    }
}
