namespace FedRec.Core.Privacy.Accounting;

/// <summary>What may be spent in all: a target for <see cref="PrivacyGuarantee"/>.</summary>
/// <param name="Epsilon">ε, at least 0.</param>
/// <param name="Delta">δ, in (0, 1).</param>
public sealed record PrivacyBudget(double Epsilon, double Delta);

/// <summary>Finds the least noise, or the most rounds, with which a budget is kept; what is found always keeps it.</summary>
public static class NoiseSearch
{
    /// <summary>The least noise multiplier that is ever answered, 2⁻¹⁰.</summary>
    public const double Least = 1.0 / 1024;

    private const double Most = 1L << 50;
    private const double Closeness = 1.0005;

    /// <summary>The smallest noise multiplier with which some rounds keep a budget, to half a thousandth above the smallest.</summary>
    /// <param name="budget">The target.</param>
    /// <param name="samplingProbability">q, in [0, 1].</param>
    /// <param name="rounds">At least 0.</param>
    /// <param name="accountant"><see cref="PldAccountant.Guarantee"/>, or <see cref="RdpAccountant.Guarantee(IReadOnlyList{PrivacyEvent}, double)"/> for a little more noise.</param>
    /// <returns>At least <see cref="Least"/>; 0 where nothing is told of anybody, or nothing is to be kept.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or no noise keeps the budget.</exception>
    public static double SmallestNoise(PrivacyBudget budget, double samplingProbability, long rounds, PrivacyAccountant accountant)
    {
        return SmallestNoise(budget, noise => [new PrivacyEvent(new SampledGaussian(noise, samplingProbability), rounds)], accountant);
    }

    /// <summary>The smallest noise multiplier with which what is released keeps a budget, to half a thousandth above the smallest.</summary>
    /// <param name="budget">The target.</param>
    /// <param name="releases">What is released under a noise multiplier; the more noise, the less is told.</param>
    /// <param name="accountant">As in the other overload.</param>
    /// <returns>As of the other overload.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or no noise keeps the budget.</exception>
    public static double SmallestNoise(PrivacyBudget budget, Func<double, IReadOnlyList<PrivacyEvent>> releases, PrivacyAccountant accountant)
    {
        Require(budget);
        var noises = new KnownNoises(noise => accountant(releases(noise), budget.Delta).Epsilon, budget.Epsilon);
        bool Keeps(double noise) => noises.Keep(noise);
        if (Keeps(0))
        {
            return 0;
        }

        noises.Approach();
        var enough = 1.0;
        while (!Keeps(enough))
        {
            enough = enough < Most ? enough * 2 : throw new ArgumentOutOfRangeException(nameof(budget), budget, "No amount of noise keeps this budget; allow a larger epsilon or delta.");
        }

        var tooLittle = enough / 2;
        for (; tooLittle >= Least && Keeps(tooLittle); tooLittle /= 2)
        {
            enough = tooLittle;
        }

        while (enough > Least && enough > tooLittle * Closeness)
        {
            var middle = Math.Sqrt(enough * tooLittle);
            (tooLittle, enough) = Keeps(middle) ? (tooLittle, middle) : (middle, enough);
        }

        return enough;
    }

    /// <summary>The largest number of rounds that keeps a budget.</summary>
    /// <param name="budget">The target.</param>
    /// <param name="samplingProbability">q, in [0, 1].</param>
    /// <param name="noiseMultiplier">At least 0.</param>
    /// <param name="accountant">As in <see cref="SmallestNoise(PrivacyBudget, double, long, PrivacyAccountant)"/>.</param>
    /// <param name="limit">Rounds beyond which nobody asks, at least 0.</param>
    /// <returns>From 0 to <paramref name="limit"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static long MostRounds(PrivacyBudget budget, double samplingProbability, double noiseMultiplier, PrivacyAccountant accountant, long limit = 1_000_000_000)
    {
        Require(budget);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var mechanism = new SampledGaussian(noiseMultiplier, samplingProbability);
        bool Keeps(long rounds) => accountant([new PrivacyEvent(mechanism, rounds)], budget.Delta).Epsilon <= budget.Epsilon;
        var (kept, tooMany) = (0L, 1L);
        while (tooMany <= limit && Keeps(tooMany))
        {
            (kept, tooMany) = (tooMany, tooMany * 2);
        }

        tooMany = Math.Min(tooMany, limit + 1);
        while (tooMany - kept > 1)
        {
            var middle = kept + ((tooMany - kept) / 2);
            (kept, tooMany) = Keeps(middle) ? (middle, tooMany) : (kept, middle);
        }

        return kept;
    }

    private static void Require(PrivacyBudget budget)
    {
        PrivacyArguments.RequireEpsilon(budget.Epsilon);
        PrivacyArguments.RequireDelta(budget.Delta);
    }

    // Which noises keep an ε: more noise never tells more, so that what is known of one says it of all on one side of it.
    private sealed class KnownNoises(Func<double, double> epsilonOf, double most)
    {
        private const double Step = 3; // e^3 times the noise, or a part of it
        private const double Near = 2e-4;
        private const int Tries = 6;
        private double _kept = double.PositiveInfinity;
        private double _broken = double.NegativeInfinity;

        public bool Keep(double noise)
        {
            if (noise > _broken && noise < _kept)
            {
                LogOver(noise);
            }

            return noise >= _kept;
        }

        /// <summary>Finds two noises close to each other, with one of which the ε is kept, by secants of ln ε over ln noise. Where that leads nowhere, less is known.</summary>
        public void Approach()
        {
            var (at, over, slope) = (0.0, LogOver(1), -1.0);
            for (var i = 0; i < Tries && double.IsFinite(over) && Math.Abs(over / slope) > Near; i++)
            {
                var next = at - Math.Clamp(over / slope, -Step, Step);
                var overNext = LogOver(Math.Exp(next));
                slope = (overNext - over) / (next - at) is < 0 and > double.NegativeInfinity and var found ? found : -1;
                (at, over) = (next, overNext);
            }

            if (double.IsFinite(over))
            {
                Keep(Math.Exp(at - (over / slope) + Near));
                Keep(Math.Exp(at - (over / slope) - Near));
            }
        }

        // ln of ε over the most that it may be; what is known is more afterwards.
        private double LogOver(double noise)
        {
            var epsilon = epsilonOf(noise);
            (_kept, _broken) = epsilon <= most ? (Math.Min(_kept, noise), _broken) : (_kept, Math.Max(_broken, noise));
            return Math.Log(epsilon / most);
        }
    }
}
