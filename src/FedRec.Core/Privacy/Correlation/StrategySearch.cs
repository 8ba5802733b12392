namespace FedRec.Core.Privacy.Correlation;

/// <summary>Finds the buffered Toeplitz matrix by which noise of a run costs least.</summary>
/// <remarks>The loss is worked out of coefficients in n·d steps (McMahan, Xu and Zhang 2024, arXiv:2408.08868, algorithm 3), over decays of matrix and inverse that alternate (section 4), so that all scales are above 0 and no constraint is
/// needed. The same arguments give the same matrix.</remarks>
public static class StrategySearch
{
    /// <summary>Most buffers that are of use: with more nothing is gained below millions of rounds.</summary>
    public const int MostBuffers = 5;

    private const double Gain = 1e-3; // of the loss, below which a buffer more is not worth its memory

    /// <summary>The matrix of the least loss with as few buffers as it takes: a further one would gain less than a thousandth.</summary>
    /// <param name="limit">Rounds, and how often a client may be in them.</param>
    /// <param name="error">What is made small. Default: the noise on the sum of all rounds.</param>
    /// <param name="most">Most buffers, from 0. Default: <see cref="MostBuffers"/>.</param>
    public static BufferedToeplitz Best(ParticipationLimit limit, StrategyError error = StrategyError.Max, int most = MostBuffers)
    {
        var (best, least) = (BufferedToeplitz.Identity, LossOf(BufferedToeplitz.Identity, BufferedToeplitz.Identity, limit, error));
        for (var buffers = 1; buffers <= most && limit.Rounds > 1; buffers++)
        {
            var (found, inverse) = Pair(limit, buffers, error);
            var loss = LossOf(found, inverse, limit, error);
            if (!(loss < least * (1 - Gain)))
            {
                break;
            }

            (best, least) = (found, loss);
        }

        return best;
    }

    /// <summary>The matrix of the least loss with a number of buffers.</summary>
    /// <param name="limit">Rounds, and how often a client may be in them.</param>
    /// <param name="buffers">d, from 1.</param>
    /// <param name="error">As for <see cref="Best"/>.</param>
    public static BufferedToeplitz Of(ParticipationLimit limit, int buffers, StrategyError error = StrategyError.Max) => Pair(limit, buffers, error).Matrix;

    private static (BufferedToeplitz Matrix, BufferedToeplitz Inverse) Pair(ParticipationLimit limit, int buffers, StrategyError error)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffers, 1);
        var start = new double[2 * buffers];
        var (nearest, furthest) = (Math.Log(0.5 / (limit.Rounds + 1)), Math.Log(0.5));
        var gone = 0.0; // decays begin evenly on the scale of ln(1 − θ), from half a round in n to half of everything
        for (var place = 0; place < start.Length; place++)
        {
            var gap = Math.Exp(nearest + ((furthest - nearest) * place / (start.Length - 1)));
            start[place] = Logit((gap - gone) / (1 - gone));
            gone = gap;
        }

        return Decays(NelderMead.Least(point => Decays(point) is var (matrix, inverse) ? Math.Log(LossOf(matrix, inverse, limit, error)) : double.PositiveInfinity, start).Point)!.Value;
    }

    // Each number is how much of what is left above 0 the next decay goes down, as a logit: θ₁, θ̂₁, θ₂, … None where two fall together.
    private static (BufferedToeplitz Matrix, BufferedToeplitz Inverse)? Decays(double[] point)
    {
        var (decays, gone) = (new double[point.Length], 0.0);
        for (var place = 0; place < point.Length; place++)
        {
            gone += (1 - gone) / (1 + Math.Exp(-point[place]));
            decays[place] = 1 - gone;
        }

        return decays.Distinct().Count() < decays.Length ? null : BufferedToeplitz.OfDecays([.. decays.Where((_, place) => place % 2 == 0)], [.. decays.Where((_, place) => place % 2 == 1)]);
    }

    private static double LossOf(BufferedToeplitz matrix, BufferedToeplitz inverse, ParticipationLimit limit, StrategyError error)
    {
        var coefficients = matrix.Coefficients(limit.Rounds);
        if (coefficients.Length > 1 && coefficients[1] > 1)
        {
            return double.PositiveInfinity; // by rounding
        }

        var noise = inverse.Coefficients(limit.Rounds);
        return StrategyLoss.SensitivitySquared(coefficients, limit) * (error == StrategyError.Max ? StrategyLoss.MaxError(noise) : StrategyLoss.MeanError(noise));
    }

    private static double Logit(double share) => Math.Log(share / (1 - share));
}

/// <summary>Of which noise the variance is to be small.</summary>
public enum StrategyError
{
    /// <summary>That on the sum of all rounds.</summary>
    Max,

    /// <summary>That on the sums of first rounds, in the mean.</summary>
    Mean,
}
