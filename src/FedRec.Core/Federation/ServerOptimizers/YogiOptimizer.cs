namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>As <see cref="AdamOptimizer"/>, but what it knows of the size of a parameter's deltas changes by addition:
/// v ← v − (1 − β₂)·Δ²·sign(v − Δ²), x ← x + η·m / (√v + τ).</summary>
/// <remarks>FedYogi of Reddi et al. 2021, arXiv:2003.00295, Algorithm 2, after Zaheer et al. 2018. Where deltas become small or rare,
/// v falls slowly instead of at once, so that a sudden delta of the old size is not a leap: apt for items that few clients touch.
/// No bias correction, as in the paper: v is no mean with known weights that could be corrected; it starts at τ². The
/// paper tunes τ between 1e-5 and 1e-1; the default here is small because pseudo-deltas can be.</remarks>
public sealed class YogiOptimizer : IServerOptimizer
{
    private readonly double _learningRate;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly float _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">η; finite and greater than 0. Default: 0.01.</param>
    /// <param name="beta1">β₁, in [0, 1). Default: 0.9.</param>
    /// <param name="beta2">β₂, in [0, 1). Default: 0.99.</param>
    /// <param name="epsilon">τ; finite and greater than 0. Default: 1e-8.</param>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public YogiOptimizer(double learningRate = 0.01, double beta1 = 0.9, double beta2 = 0.99, double epsilon = 1e-8)
    {
        _learningRate = OptimizerRange.Positive(learningRate, nameof(learningRate));
        _beta1 = OptimizerRange.Decay(beta1, nameof(beta1));
        _beta2 = OptimizerRange.Decay(beta2, nameof(beta2));
        _epsilon = (float)OptimizerRange.Positive(epsilon, nameof(epsilon));
    }

    /// <inheritdoc/>
    public ServerState Apply(ServerState state, ReadOnlySpan<float> meanDelta)
    {
        state.ThrowUnlessFits(meanDelta);
        var before = AdaptiveStep.SecondFrom(state, _epsilon);
        var first = AdaptiveStep.Decay(state.Moment(AdaptiveStep.FirstMoment), _beta1, meanDelta);
        var second = AdaptiveStep.Square(meanDelta);
        var share = (float)(1 - _beta2);
        for (var i = 0; i < second.Length; i++)
        {
            second[i] = before[i] - (share * second[i] * Math.Sign(before[i] - second[i]));
        }

        return AdaptiveStep.Next(state, AdaptiveStep.Step(state, first, second, _learningRate, secondDivisor: 1, _epsilon), first, second);
    }
}
