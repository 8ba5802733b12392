namespace FedRec.Core.Privacy.Accounting;

/// <summary>A way to release something about all users so that little is told of each.</summary>
public interface IPrivacyMechanism
{
    /// <summary>Rényi divergence between what is released with a user and without: the larger of both directions.</summary>
    /// <param name="order">α, above 1.</param>
    /// <returns>At least 0 and never below the true one; infinite where nothing is promised.</returns>
    double Divergence(double order);
}

/// <summary>A mechanism that was used some times.</summary>
public sealed record PrivacyEvent
{
    /// <summary>Some uses of one mechanism.</summary>
    /// <param name="mechanism">What was used.</param>
    /// <param name="count">How often, at least 0.</param>
    public PrivacyEvent(IPrivacyMechanism mechanism, long count = 1)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        (Mechanism, Count) = (mechanism, count);
    }

    /// <summary>What was used.</summary>
    public IPrivacyMechanism Mechanism { get; }

    /// <summary>How often; at least 0.</summary>
    public long Count { get; }
}

/// <summary>Normal noise on a sum over users, each of whom is in it with a chance of his own that nobody else knows (Poisson sampling).</summary>
public sealed record SampledGaussian : IPrivacyMechanism
{
    /// <summary>One round of noise.</summary>
    /// <param name="noiseMultiplier">Standard deviation of the noise ÷ <c>ClipNorm</c>, at least 0. At 0 nothing is promised.</param>
    /// <param name="samplingProbability">q, in [0, 1]; 1 where all take part.</param>
    /// <param name="sensitivity">How far one user can move the sum, in units of <c>ClipNorm</c>; above 0. 1 for a user who is added or removed, 2 for one who is replaced, √k for one in k sums of a tree.</param>
    public SampledGaussian(double noiseMultiplier, double samplingProbability = 1, double sensitivity = 1)
    {
        Require(noiseMultiplier >= 0, nameof(noiseMultiplier), noiseMultiplier, "The noise multiplier must be a number of at least 0.");
        Require(samplingProbability is >= 0 and <= 1, nameof(samplingProbability), samplingProbability, "The sampling probability must lie in [0, 1].");
        Require(sensitivity > 0 && double.IsFinite(sensitivity), nameof(sensitivity), sensitivity, "The sensitivity must be a number above 0.");
        (NoiseMultiplier, SamplingProbability, Sensitivity) = (noiseMultiplier, samplingProbability, sensitivity);
    }

    /// <summary>Standard deviation of the noise ÷ <c>ClipNorm</c>; at least 0.</summary>
    public double NoiseMultiplier { get; }

    /// <summary>Chance that a user is in the sum; in [0, 1].</summary>
    public double SamplingProbability { get; }

    /// <summary>How far one user can move the sum, in units of <c>ClipNorm</c>; above 0.</summary>
    public double Sensitivity { get; }

    /// <summary>Standard deviation of the noise ÷ how far one user can move the sum: all that matters beside the chance.</summary>
    internal double Deviation => NoiseMultiplier / Sensitivity;

    /// <inheritdoc/>
    public double Divergence(double order) => SampledGaussianMoments.Divergence(Deviation, SamplingProbability, order);

    private static void Require(bool holds, string name, double value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, rule);
        }
    }
}

/// <summary>A mechanism of which only its zero-concentrated differential privacy is known: its Rényi divergence is at most ρ times the order.</summary>
/// <param name="Rho">ρ, at least 0; 1 / 2σ² for normal noise.</param>
/// <remarks>Bun and Steinke 2016, arXiv:1605.02065, Definition 1.1.</remarks>
public sealed record ConcentratedMechanism(double Rho) : IPrivacyMechanism
{
    /// <summary>ρ.</summary>
    public double Rho { get; } = Rho >= 0 ? Rho : throw new ArgumentOutOfRangeException(nameof(Rho), Rho, "Rho must be at least 0.");

    /// <inheritdoc/>
    public double Divergence(double order) => Rho * order;
}

/// <summary>A mechanism whose divergence is at most the same at every order: pure differential privacy with that ε.</summary>
/// <param name="Epsilon">At least 0.</param>
public sealed record PureMechanism(double Epsilon) : IPrivacyMechanism
{
    /// <summary>The divergence at every order.</summary>
    public double Epsilon { get; } = Epsilon >= 0 ? Epsilon : throw new ArgumentOutOfRangeException(nameof(Epsilon), Epsilon, "Epsilon must be at least 0.");

    /// <inheritdoc/>
    public double Divergence(double order) => Epsilon;
}
