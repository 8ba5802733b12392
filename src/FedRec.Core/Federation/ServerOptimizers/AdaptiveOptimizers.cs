using System.Numerics.Tensors;

namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>What the adaptive optimizers share: moments, and the step x ← x + η·m / (√v + τ).</summary>
internal static class AdaptiveStep
{
    /// <summary>Name of m in <see cref="ServerState.Moments"/>.</summary>
    public const string FirstMoment = "first_moment";

    /// <summary>Name of v in <see cref="ServerState.Moments"/>.</summary>
    public const string SecondMoment = "second_moment";

    /// <summary>v before the first step is τ², as in Reddi et al. 2021, Algorithm 2: there a parameter that was never touched has √v + τ = 2τ.</summary>
    public static ReadOnlySpan<float> SecondFrom(ServerState state, float epsilon)
    {
        if (state.Moments.ContainsKey(SecondMoment))
        {
            return state.Moment(SecondMoment);
        }

        var initial = new float[state.Parameters.Length];
        initial.AsSpan().Fill(epsilon * epsilon);
        return initial;
    }

    /// <summary>decay · moment + (1 − decay) · values.</summary>
    public static float[] Decay(ReadOnlySpan<float> moment, double decay, ReadOnlySpan<float> values)
    {
        var next = new float[values.Length];
        TensorPrimitives.Multiply(moment, (float)decay, next);
        TensorPrimitives.MultiplyAdd(values, (float)(1 - decay), next, next);
        return next;
    }

    /// <summary>Values squared, in memory of their own.</summary>
    public static float[] Square(ReadOnlySpan<float> values)
    {
        var squares = new float[values.Length];
        TensorPrimitives.Multiply(values, values, squares);
        return squares;
    }

    /// <summary>The parameters after the step; <paramref name="secondDivisor"/> is 1 without bias correction.</summary>
    public static float[] Step(ServerState state, ReadOnlySpan<float> first, ReadOnlySpan<float> second, double learningRate, double secondDivisor, float epsilon)
    {
        var next = new float[first.Length];
        TensorPrimitives.Divide(second, (float)secondDivisor, next);
        TensorPrimitives.Sqrt(next, next);
        TensorPrimitives.Add(next, epsilon, next);
        TensorPrimitives.Divide(first, next, next);
        TensorPrimitives.MultiplyAdd(next, (float)learningRate, state.Parameters.Span, next);
        return next;
    }

    /// <summary>The state after the step.</summary>
    public static ServerState Next(ServerState state, float[] parameters, float[] first, float[] second) =>
        new(parameters, state.Step + 1, state.Moments.SetItem(FirstMoment, first).SetItem(SecondMoment, second));
}

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
