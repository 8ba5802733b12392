namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>Scales the step of each parameter by the size its deltas usually have: x ← x + η·m̂ / (√v̂ + ε).</summary>
/// <remarks>FedAdam of Reddi et al. 2021, arXiv:2003.00295, Algorithm 2, with the bias correction of Kingma and Ba 2015,
/// arXiv:1412.6980: m ← β₁m + (1 − β₁)Δ, v ← β₂v + (1 − β₂)Δ², m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), from zero moments.
/// The correction makes the first rounds as bold as the later ones, which matters where there are few rounds. Without it the
/// optimizer is the paper's, letter by letter: v starts at ε² (its τ²), and m̂ = m, v̂ = v.</remarks>
public sealed class AdamOptimizer : IServerOptimizer
{
    /// <summary>Name of m in <see cref="ServerState.Moments"/>.</summary>
    public const string FirstMoment = AdaptiveStep.FirstMoment;

    /// <summary>Name of v in <see cref="ServerState.Moments"/>.</summary>
    public const string SecondMoment = AdaptiveStep.SecondMoment;

    private readonly double _learningRate;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly float _epsilon;
    private readonly bool _biasCorrection;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">η; finite and greater than 0. Default: 0.01.</param>
    /// <param name="beta1">β₁, in [0, 1). Default: 0.9.</param>
    /// <param name="beta2">β₂, in [0, 1). Default: 0.99.</param>
    /// <param name="epsilon">ε, the paper's τ; finite and greater than 0. Default: 1e-8.</param>
    /// <param name="biasCorrection">Whether moments are corrected for their start. Default: true.</param>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public AdamOptimizer(double learningRate = 0.01, double beta1 = 0.9, double beta2 = 0.99, double epsilon = 1e-8, bool biasCorrection = true)
    {
        _learningRate = OptimizerRange.Positive(learningRate, nameof(learningRate));
        _beta1 = OptimizerRange.Decay(beta1, nameof(beta1));
        _beta2 = OptimizerRange.Decay(beta2, nameof(beta2));
        _epsilon = (float)OptimizerRange.Positive(epsilon, nameof(epsilon));
        _biasCorrection = biasCorrection;
    }

    /// <inheritdoc/>
    public ServerState Apply(ServerState state, ReadOnlySpan<float> meanDelta)
    {
        state.ThrowUnlessFits(meanDelta);
        var before = _biasCorrection ? state.Moment(SecondMoment) : AdaptiveStep.SecondFrom(state, _epsilon);
        var first = AdaptiveStep.Decay(state.Moment(FirstMoment), _beta1, meanDelta);
        var second = AdaptiveStep.Decay(before, _beta2, AdaptiveStep.Square(meanDelta));
        var next = AdaptiveStep.Step(state, first, second, _learningRate / Correction(_beta1, state.Step + 1), Correction(_beta2, state.Step + 1), _epsilon);
        return AdaptiveStep.Next(state, next, first, second);
    }

    private double Correction(double beta, long step) => _biasCorrection ? 1 - Math.Pow(beta, step) : 1;
}
