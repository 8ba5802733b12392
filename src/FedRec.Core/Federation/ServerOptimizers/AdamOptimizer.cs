using System.Numerics.Tensors;

namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>Scales the step of each parameter by the size its deltas usually have: x ← x + η·m̂ / (√v̂ + ε).</summary>
/// <remarks>FedAdam of Reddi et al. 2021, arXiv:2003.00295, Algorithm 2, with the bias correction of Kingma and Ba 2015,
/// arXiv:1412.6980: m ← β₁m + (1 − β₁)Δ, v ← β₂v + (1 − β₂)Δ², m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), from zero moments.
/// The correction makes the first rounds as bold as the later ones, which matters where there are few rounds.</remarks>
public sealed class AdamOptimizer : IServerOptimizer
{
    /// <summary>Name of m in <see cref="ServerState.Moments"/>.</summary>
    public const string FirstMoment = "first_moment";

    /// <summary>Name of v in <see cref="ServerState.Moments"/>.</summary>
    public const string SecondMoment = "second_moment";

    private readonly double _learningRate;
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly float _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">η; finite and greater than 0. Default: 0.01.</param>
    /// <param name="beta1">β₁, in [0, 1). Default: 0.9.</param>
    /// <param name="beta2">β₂, in [0, 1). Default: 0.99.</param>
    /// <param name="epsilon">ε; finite and greater than 0. Default: 1e-8.</param>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public AdamOptimizer(double learningRate = 0.01, double beta1 = 0.9, double beta2 = 0.99, double epsilon = 1e-8)
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
        var step = state.Step + 1;
        var next = new float[meanDelta.Length]; // scratch until the last line

        var first = Decay(state.Moment(FirstMoment), _beta1, meanDelta);
        TensorPrimitives.Multiply(meanDelta, meanDelta, next);
        var second = Decay(state.Moment(SecondMoment), _beta2, next);

        TensorPrimitives.Divide(second, (float)(1 - Math.Pow(_beta2, step)), next);
        TensorPrimitives.Sqrt(next, next);
        TensorPrimitives.Add(next, _epsilon, next);
        TensorPrimitives.Divide(first, next, next);
        TensorPrimitives.MultiplyAdd(next, (float)(_learningRate / (1 - Math.Pow(_beta1, step))), state.Parameters.Span, next);
        return new ServerState(next, step, state.Moments.SetItem(FirstMoment, first).SetItem(SecondMoment, second));
    }

    /// <summary>decay · moment + (1 − decay) · values.</summary>
    private static float[] Decay(ReadOnlySpan<float> moment, double decay, ReadOnlySpan<float> values)
    {
        var next = new float[values.Length];
        TensorPrimitives.Multiply(moment, (float)decay, next);
        TensorPrimitives.MultiplyAdd(values, (float)(1 - decay), next, next);
        return next;
    }
}
