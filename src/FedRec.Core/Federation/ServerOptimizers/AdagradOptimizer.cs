using System.Numerics.Tensors;

namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>Makes the step of each parameter smaller the more it has moved: v ← v + Δ², x ← x + η·Δ / (√v + τ).</summary>
/// <remarks>FedAdagrad of Reddi et al. 2021, arXiv:2003.00295, Algorithm 2, without momentum (β₁ = 0) as in the paper's experiments;
/// v starts at τ². There is no bias to correct: v is a sum, not a mean.</remarks>
public sealed class AdagradOptimizer : IServerOptimizer
{
    private readonly double _learningRate;
    private readonly float _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">η; finite and greater than 0. Default: 0.1.</param>
    /// <param name="epsilon">τ; finite and greater than 0. Default: 1e-8.</param>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public AdagradOptimizer(double learningRate = 0.1, double epsilon = 1e-8)
    {
        _learningRate = OptimizerRange.Positive(learningRate, nameof(learningRate));
        _epsilon = (float)OptimizerRange.Positive(epsilon, nameof(epsilon));
    }

    /// <inheritdoc/>
    public ServerState Apply(ServerState state, ReadOnlySpan<float> meanDelta)
    {
        state.ThrowUnlessFits(meanDelta);
        var second = AdaptiveStep.Square(meanDelta);
        TensorPrimitives.Add(AdaptiveStep.SecondFrom(state, _epsilon), second, second);
        var next = AdaptiveStep.Step(state, meanDelta, second, _learningRate, secondDivisor: 1, _epsilon);
        return new ServerState(next, state.Step + 1, state.Moments.SetItem(AdaptiveStep.SecondMoment, second));
    }
}
