using FedRec.Core.Privacy.Accounting;

namespace FedRec.Core.Privacy;

/// <summary>A clip norm that follows a quantile of the norms of what clients have trained, found by a count with noise: so nobody has to know before a run how long updates will be, and as they
/// become shorter, the noise does too.</summary>
/// <remarks>Andrew, Thakkar, McMahan and Ramaswamy 2021, arXiv:1905.03871, algorithm 1. A client sends two things in one vector: its update, divided by the clip norm of the round and shortened to
/// <see cref="UpdateLength"/>, and in one place more, whether it had to be shortened (−<see cref="IndicatorLength"/>) or not (+<see cref="IndicatorLength"/>). No such vector is longer than
/// <see cref="JointNorm"/>, whatever the clip norm is; so noise with the stated multiplier in each place is a charge of that multiplier, and the norm itself, which follows from what was released, costs
/// nothing more. Read in clients and clip norms it is the split of theorem 1 (<see cref="NoiseSplit"/>; Opacus has it since 1.6): noise of <see cref="CountNoise"/> times the multiplier on the count, and
/// of a two-hundredth more than the multiplier on the updates.
/// <para>The paper has a twentieth of the cohort for the noise on the count. That is the same for 100 times as many clients as the multiplier; of fewer the multiplier would not suffice for it, and of
/// more the count need not be known any better.</para></remarks>
/// <param name="Quantile">γ: the share of clients whose updates shall be no longer than the norm, in (0, 1).</param>
/// <param name="InitialNorm">C₀: the norm before the first round, from <see cref="LeastNorm"/> to <see cref="MostNorm"/>.</param>
public sealed record AdaptiveClipping(double Quantile, double InitialNorm)
{
    /// <summary>The length that no client's joint vector exceeds.</summary>
    public const double JointNorm = 1;

    /// <summary>Standard deviation of the noise on the count, in clients, as a multiple of the noise multiplier: a hundredth of the budget.</summary>
    public const double CountNoise = 5;

    /// <summary>η: with everybody on one side of the norm it moves by a factor of e^(η·γ) or e^(−η·(1 − γ)) a round.</summary>
    public const double LearningRate = 0.2;

    /// <summary>The least that the norm becomes.</summary>
    public const double LeastNorm = 1e-6;

    /// <summary>The most that the norm becomes.</summary>
    public const double MostNorm = 1e6;

    /// <summary>What one client adds to the count at most, either way, in its vector.</summary>
    public const double IndicatorLength = 0.5 / CountNoise;

    /// <summary>Length of an update in a client's vector that is as long as the clip norm, or was shortened to it.</summary>
    public static double UpdateLength { get; } = 1 / NoiseSplit.OfUpdates(1, CountNoise);

    /// <summary>The norm of the next round.</summary>
    /// <param name="norm">C of this round.</param>
    /// <param name="within">Share of the clients whose update was no longer, as the noise lets it be known: perhaps not in [0, 1].</param>
    public double Next(double norm, double within) => Math.Clamp(norm * Math.Exp(-LearningRate * (within - Quantile)), LeastNorm, MostNorm);
}
