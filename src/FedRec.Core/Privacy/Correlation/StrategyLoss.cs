namespace FedRec.Core.Privacy.Correlation;

/// <summary>How often one client may be in the rounds of a run.</summary>
/// <param name="Rounds">n: rounds of the run, at least 1.</param>
/// <param name="Separation">b: a client that was in round r is in none before r + b; at least 1.</param>
/// <param name="Most">k: rounds that a client is in at most, at least 1; more than there is room for count as that many. Default: as many as there is room for.</param>
public sealed record ParticipationLimit(int Rounds, int Separation, int Most = int.MaxValue)
{
    /// <summary>n.</summary>
    public int Rounds { get; } = Rounds >= 1 ? Rounds : throw new ArgumentOutOfRangeException(nameof(Rounds), Rounds, "A run has at least 1 round.");

    /// <summary>b.</summary>
    public int Separation { get; } = Separation >= 1 ? Separation : throw new ArgumentOutOfRangeException(nameof(Separation), Separation, "Rounds of a client lie at least 1 apart.");

    /// <summary>k, no more than there is room for: ⌈n / b⌉.</summary>
    public int Most { get; } = Most >= 1 ? (int)Math.Min(Most, (Rounds + (long)Separation - 1) / Separation) : throw new ArgumentOutOfRangeException(nameof(Most), Most, "A client may be in at least 1 round.");
}

/// <summary>What a strategy matrix C costs: how far one client can move C·x, and how long C⁻¹·z of unit noise is on the sums of the first rounds, which a model is made of.</summary>
/// <remarks>The sum of rounds 1 … t is A·x for the lower-triangular matrix A of ones, so its noise is A·C⁻¹·z. McMahan, Xu and Zhang 2024, arXiv:2408.08868, section 2.</remarks>
public static class StrategyLoss
{
    /// <summary>Square of the L2 sensitivity of C·x to one client of length 1 under a limit: ‖Σ_j C·e₍₁₊ⱼ·b₎‖² over its k first rounds.</summary>
    /// <param name="coefficients">First column of C, n values: at least 0, and none larger than the one before.</param>
    /// <param name="limit">Its n counts.</param>
    /// <exception cref="ArgumentException">The coefficients are others: then the first rounds need not be the worst.</exception>
    /// <remarks>Choquette-Choo et al. 2023, arXiv:2306.08153, theorem 2, for Toeplitz matrices (Kalinin and Lampert 2024, arXiv:2405.13763, theorem 2).</remarks>
    public static double SensitivitySquared(ReadOnlySpan<double> coefficients, ParticipationLimit limit)
    {
        ThrowUnlessFits(coefficients, limit.Rounds);
        for (var round = 0; round < limit.Rounds; round++)
        {
            if (!(coefficients[round] >= 0 && (round == 0 || coefficients[round] <= coefficients[round - 1])))
            {
                throw new ArgumentException($"Coefficient {round} is {coefficients[round]}; with coefficients below 0 or that grow, the sensitivity is not known.", nameof(coefficients));
            }
        }

        var (moved, squares) = (new double[limit.Rounds], 0.0);
        for (var round = 0; round < limit.Rounds; round++)
        {
            var gone = round - ((long)limit.Most * limit.Separation);
            moved[round] = coefficients[round] + (round >= limit.Separation ? moved[round - limit.Separation] : 0) - (gone >= 0 ? coefficients[(int)gone] : 0);
            squares += moved[round] * moved[round];
        }

        return squares;
    }

    /// <summary>Variance of the noise on the sum of all rounds, for noise of variance 1 before C⁻¹: the largest of all sums of first rounds.</summary>
    /// <param name="inverse">First column of C⁻¹, n values.</param>
    public static double MaxError(ReadOnlySpan<double> inverse) => Errors(inverse).Max;

    /// <summary>As <see cref="MaxError"/>, of the mean over all rounds.</summary>
    /// <param name="inverse">First column of C⁻¹, n values.</param>
    public static double MeanError(ReadOnlySpan<double> inverse) => Errors(inverse).Mean;

    /// <summary>Sensitivity squared times <see cref="MaxError"/>: the variance of the noise on the sum of all rounds where the whole run is a Gaussian mechanism of multiplier 1. Independent noise has k·n.</summary>
    /// <param name="strategy">C.</param>
    /// <param name="limit">How often a client may be in a round.</param>
    public static double MaxLoss(BufferedToeplitz strategy, ParticipationLimit limit)
    {
        var coefficients = strategy.Coefficients(limit.Rounds);
        return SensitivitySquared(coefficients, limit) * MaxError(InverseOf(coefficients));
    }

    /// <summary>As <see cref="MaxLoss"/>, with <see cref="MeanError"/>.</summary>
    /// <param name="strategy">C.</param>
    /// <param name="limit">How often a client may be in a round.</param>
    public static double MeanLoss(BufferedToeplitz strategy, ParticipationLimit limit)
    {
        var coefficients = strategy.Coefficients(limit.Rounds);
        return SensitivitySquared(coefficients, limit) * MeanError(InverseOf(coefficients));
    }

    /// <summary>First column of the inverse of any lower-triangular Toeplitz matrix whose first coefficient is 1, in n² steps.</summary>
    /// <param name="coefficients">Its first column.</param>
    public static double[] InverseOf(ReadOnlySpan<double> coefficients)
    {
        var inverse = new double[coefficients.Length];
        inverse[0] = 1;
        for (var round = 1; round < inverse.Length; round++)
        {
            for (var before = 0; before < round; before++)
            {
                inverse[round] -= coefficients[round - before] * inverse[before];
            }
        }

        return inverse;
    }

    private static (double Max, double Mean) Errors(ReadOnlySpan<double> inverse)
    {
        var (sum, error, errors) = (0.0, 0.0, 0.0);
        foreach (var coefficient in inverse)
        {
            sum += coefficient;
            error += sum * sum;
            errors += error;
        }

        return (error, errors / inverse.Length);
    }

    private static void ThrowUnlessFits(ReadOnlySpan<double> coefficients, int rounds)
    {
        if (coefficients.Length != rounds)
        {
            throw new ArgumentException($"There are {coefficients.Length} coefficients for {rounds} rounds.", nameof(coefficients));
        }
    }
}
