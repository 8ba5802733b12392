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
