using FedRec.Core.Training;

namespace FedRec.Core.Evaluation;

/// <summary>How often a user is in a resample of the bootstrap, without anybody drawing a resample: Poisson with mean 1.</summary>
/// <remarks>Drawing n of n users with replacement gives each a binomial count, which is nearly Poisson(1) and nearly independent
/// of the others' (Chamandy et al. 2012, "Estimating Uncertainty for Massive Data Streams"). So each client finds its own
/// users' weights from a common seed, and the resamples are the same however users are spread over clients and silos.</remarks>
internal static class PoissonWeights
{
    // Chances of at most 0, 1, 2, … with mean 1, in units of 2⁻³²; what lies above the last is rarer than one in 2³².
    private static readonly uint[] s_atMost = Distribution();

    /// <summary>The weights of one user.</summary>
    /// <param name="seed">Seed of the comparison.</param>
    /// <param name="user">Dense user number.</param>
    /// <param name="weights">Receives one weight per replicate.</param>
    public static void Fill(ulong seed, int user, Span<int> weights)
    {
        var random = SeedSequence.For(seed, "bootstrap", user);
        for (var replicate = 0; replicate < weights.Length; replicate++)
        {
            var draw = (uint)(random.NextUInt64() >> 32);
            var weight = 0;
            while (weight < s_atMost.Length && draw >= s_atMost[weight])
            {
                weight++;
            }

            weights[replicate] = weight;
        }
    }

    private static uint[] Distribution()
    {
        var bounds = new List<uint>();
        var (chance, sum) = (Math.Exp(-1), 0.0);
        for (var weight = 1; Math.Round((sum + chance) * (1L << 32)) < uint.MaxValue; weight++)
        {
            sum += chance;
            chance /= weight;
            bounds.Add((uint)Math.Round(sum * (1L << 32)));
        }

        return [.. bounds];
    }
}
