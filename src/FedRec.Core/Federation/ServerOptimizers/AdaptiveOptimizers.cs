using System.Numerics.Tensors;
using FedRec.Core.Native;

namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>What the adaptive optimizers share: moments, and the step x ← x + η·m / (√v + τ).</summary>
internal static class AdaptiveStep
{
    /// <summary>Name of m in <see cref="ServerState.Moments"/>.</summary>
    public const string FirstMoment = "first_moment";

    /// <summary>Name of v in <see cref="ServerState.Moments"/>.</summary>
    public const string SecondMoment = "second_moment";

    private const int Tile = 2_048; // values that stay in the nearest cache from one operation to the next

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

    /// <summary>Parts of all values, small enough that what is done to one after the other is done in cache.</summary>
    /// <param name="length">Number of values.</param>
    public static IEnumerable<Range> Tiles(int length)
    {
        for (var start = 0; start < length; start += Tile)
        {
            yield return start..Math.Min(length, start + Tile);
        }
    }

    /// <summary>decay · moment + (1 − decay) · values.</summary>
    public static void Decay(ReadOnlySpan<float> moment, double decay, ReadOnlySpan<float> values, Span<float> next)
    {
        TensorPrimitives.Multiply(moment, (float)decay, next);
        TensorPrimitives.MultiplyAdd(values, (float)(1 - decay), next, next);
    }

    /// <summary>The parameters after the step.</summary>
    /// <param name="before">The parameters before it.</param>
    /// <param name="first">m.</param>
    /// <param name="second">v.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="secondDivisor">What v is divided by; 1 without bias correction.</param>
    /// <param name="epsilon">τ.</param>
    /// <param name="next">Receives them.</param>
    public static void Step(ReadOnlySpan<float> before, ReadOnlySpan<float> first, ReadOnlySpan<float> second, double learningRate, double secondDivisor, float epsilon, Span<float> next)
    {
        TensorPrimitives.Divide(second, (float)secondDivisor, next);
        TensorPrimitives.Sqrt(next, next);
        TensorPrimitives.Add(next, epsilon, next);
        TensorPrimitives.Divide(first, next, next);
        TensorPrimitives.MultiplyAdd(next, (float)learningRate, before, next);
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
        var (next, second) = (new float[meanDelta.Length], ModelMemory.Rent<float>(meanDelta.Length));
        var before = AdaptiveStep.SecondFrom(state, _epsilon);
        foreach (var tile in AdaptiveStep.Tiles(meanDelta.Length))
        {
            TensorPrimitives.Multiply(meanDelta[tile], meanDelta[tile], second.AsSpan(tile));
            TensorPrimitives.Add(before[tile], second.AsSpan(tile), second.AsSpan(tile));
            AdaptiveStep.Step(state.Parameters.Span[tile], meanDelta[tile], second.AsSpan(tile), _learningRate, secondDivisor: 1, _epsilon, next.AsSpan(tile));
        }

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
        var length = meanDelta.Length;
        var (next, first, second) = (new float[length], ModelMemory.Rent<float>(length), ModelMemory.Rent<float>(length));
        var firstBefore = state.Moment(FirstMoment);
        var secondBefore = _biasCorrection ? state.Moment(SecondMoment) : AdaptiveStep.SecondFrom(state, _epsilon);
        var (rate, divisor) = (_learningRate / Correction(_beta1, state.Step + 1), Correction(_beta2, state.Step + 1));
        foreach (var tile in AdaptiveStep.Tiles(length))
        {
            var delta = meanDelta[tile];
            var squares = next.AsSpan(tile); // where the parameters come to stand
            AdaptiveStep.Decay(firstBefore[tile], _beta1, delta, first.AsSpan(tile));
            TensorPrimitives.Multiply(delta, delta, squares);
            AdaptiveStep.Decay(secondBefore[tile], _beta2, squares, second.AsSpan(tile));
            AdaptiveStep.Step(state.Parameters.Span[tile], first.AsSpan(tile), second.AsSpan(tile), rate, divisor, _epsilon, next.AsSpan(tile));
        }

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
        var length = meanDelta.Length;
        var (next, first, second) = (new float[length], ModelMemory.Rent<float>(length), ModelMemory.Rent<float>(length));
        var firstBefore = state.Moment(AdaptiveStep.FirstMoment);
        var secondBefore = AdaptiveStep.SecondFrom(state, _epsilon);
        var share = (float)(1 - _beta2);
        foreach (var tile in AdaptiveStep.Tiles(length))
        {
            var delta = meanDelta[tile];
            var before = secondBefore[tile];
            var after = second.AsSpan(tile);
            AdaptiveStep.Decay(firstBefore[tile], _beta1, delta, first.AsSpan(tile));
            for (var i = 0; i < after.Length; i++)
            {
                var square = delta[i] * delta[i];
                after[i] = before[i] - (share * square * Math.Sign(before[i] - square));
            }

            AdaptiveStep.Step(state.Parameters.Span[tile], first.AsSpan(tile), after, _learningRate, secondDivisor: 1, _epsilon, next.AsSpan(tile));
        }

        return AdaptiveStep.Next(state, next, first, second);
    }
}
