namespace FedRec.Core.Audits;

/// <summary>What can be said of a chance by how often it came true: exact bounds, whatever the chance is.</summary>
/// <remarks>Clopper and Pearson 1934.</remarks>
public static class BinomialBounds
{
    private const int Halvings = 60;

    /// <summary>The chance is no smaller than this, but for a mistake of one minus the confidence.</summary>
    /// <param name="hits">How often it came true, 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">How often it could have, at least 1.</param>
    /// <param name="confidence">In (0, 1), for this side alone.</param>
    public static double Lower(int hits, int trials, double confidence) => Find(chance => AtLeast(hits, trials, chance) < 1 - confidence);

    /// <summary>The chance is no larger than this; as for <see cref="Lower"/>.</summary>
    public static double Upper(int hits, int trials, double confidence) => 1 - Lower(trials - hits, trials, confidence);

    /// <summary>Chance of so many hits or more.</summary>
    /// <param name="hits">From 0.</param>
    /// <param name="trials">At least 1.</param>
    /// <param name="chance">Of a hit, in [0, 1].</param>
    public static double AtLeast(int hits, int trials, double chance)
    {
        var sum = 0.0;
        for (var count = Math.Max(0, hits); count <= trials; count++)
        {
            sum += Exactly(count, trials, chance);
        }

        return hits <= 0 ? 1 : Math.Min(1, sum);
    }

    /// <summary>Chance of exactly so many hits.</summary>
    public static double Exactly(int hits, int trials, double chance) => chance switch
    {
        <= 0 => hits == 0 ? 1 : 0,
        >= 1 => hits == trials ? 1 : 0,
        _ => Math.Exp(LogFactorial(trials) - LogFactorial(hits) - LogFactorial(trials - hits) + (hits * Math.Log(chance)) + ((trials - hits) * Math.Log(1 - chance))),
    };

    // The largest chance that is ruled out.
    private static double Find(Func<double, bool> isRuledOut)
    {
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = isRuledOut(middle) ? (middle, high) : (low, middle);
        }

        return low;
    }

    private static double LogFactorial(int n)
    {
        if (n < 20)
        {
            var product = 1.0;
            for (var i = 2; i <= n; i++)
            {
                product *= i;
            }

            return Math.Log(product);
        }

        var x = n + 1.0; // Stirling's series of ln Γ(x); what is left out is below 1e-13 here
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + (1 / (12 * x)) - (1 / (360 * x * x * x)) + (1 / (1260 * x * x * x * x * x));
    }
}
