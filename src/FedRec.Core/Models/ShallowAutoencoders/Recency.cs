namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>What own items weigh in a score: exp(−age/τ).</summary>
internal static class Recency
{
    private const float Negligible = 1f / (1 << 24); // of the newest item's weight: below what float32 tells apart in their sum

    /// <summary>Works the weights out.</summary>
    /// <param name="ages">Ages of the items, in items.</param>
    /// <param name="tau">τ, more than 0.</param>
    /// <param name="factors">Receives one weight per item, 0 for those that weigh next to nothing.</param>
    public static void Factors(ReadOnlySpan<float> ages, double tau, Span<float> factors)
    {
        for (var i = 0; i < ages.Length; i++)
        {
            var factor = (float)Math.Exp(-ages[i] / tau);
            factors[i] = factor < Negligible ? 0 : factor;
        }
    }
}
