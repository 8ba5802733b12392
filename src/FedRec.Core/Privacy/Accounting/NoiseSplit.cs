namespace FedRec.Core.Privacy.Accounting;

/// <summary>Deals the noise of a round to two sums that are released together: the updates, and how many of them were shorter than the clip norm, by which the norm adapts.</summary>
/// <remarks>Andrew, Thakkar, McMahan and Ramaswamy 2021, arXiv:1905.03871, Theorem 1: a client adds ± ½ to the count, so noise of σ_b on it is a multiplier of 2σ_b, and both sums
/// together tell as much as one with the multiplier z where 1/z² = 1/z_Δ² + 1/(2σ_b)².</remarks>
public static class NoiseSplit
{
    /// <summary>The noise multiplier of the updates, z_Δ: a little more than without the count.</summary>
    /// <param name="noiseMultiplier">z, which the accountants are told; at least 0.</param>
    /// <param name="countDeviation">σ_b, standard deviation of the noise on the count, in clients; above z / 2. A twentieth of the cohort is usual.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range: with so little noise the count alone would tell more than both may.</exception>
    public static double OfUpdates(double noiseMultiplier, double countDeviation)
    {
        if (!(noiseMultiplier >= 0 && double.IsFinite(noiseMultiplier)))
        {
            throw new ArgumentOutOfRangeException(nameof(noiseMultiplier), noiseMultiplier, "The noise multiplier must be a number of at least 0.");
        }

        var share = noiseMultiplier / (2 * countDeviation);
        return share is >= 0 and < 1 && countDeviation > 0
            ? noiseMultiplier / Math.Sqrt((1 - share) * (1 + share))
            : throw new ArgumentOutOfRangeException(nameof(countDeviation), countDeviation, "The noise on the count must be more than half the noise multiplier: with less, the count alone tells more than both sums together may.");
    }
}
