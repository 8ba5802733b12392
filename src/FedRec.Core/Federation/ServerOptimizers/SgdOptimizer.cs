using System.Numerics.Tensors;
using FedRec.Core.Native;

namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>Steps along the mean delta, with heavy-ball momentum if asked for: b ← μ·b + Δ, x ← x + η·b.</summary>
/// <remarks>η = 1 without momentum is federated averaging (McMahan et al. 2017, arXiv:1602.05629); with momentum it is FedAvgM
/// (Hsu et al. 2019, arXiv:1909.06335).</remarks>
public sealed class SgdOptimizer : IServerOptimizer
{
    /// <summary>Name of the velocity b in <see cref="ServerState.Moments"/>; present only with momentum.</summary>
    public const string Velocity = "velocity";

    private readonly float _learningRate;
    private readonly float _momentum;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">η; finite and greater than 0. Default: 1.</param>
    /// <param name="momentum">μ, in [0, 1). Default: 0.</param>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public SgdOptimizer(double learningRate = 1, double momentum = 0)
    {
        _learningRate = (float)OptimizerRange.Positive(learningRate, nameof(learningRate));
        _momentum = (float)OptimizerRange.Decay(momentum, nameof(momentum));
    }

    /// <inheritdoc/>
    public ServerState Apply(ServerState state, ReadOnlySpan<float> meanDelta)
    {
        state.ThrowUnlessFits(meanDelta);
        var next = new float[meanDelta.Length];
        if (_momentum == 0)
        {
            TensorPrimitives.MultiplyAdd(meanDelta, _learningRate, state.Parameters.Span, next);
            return state with { Parameters = next, Step = state.Step + 1 };
        }

        var velocity = ModelMemory.Rent<float>(meanDelta.Length);
        TensorPrimitives.MultiplyAdd(state.Moment(Velocity), _momentum, meanDelta, velocity);
        TensorPrimitives.MultiplyAdd(velocity, _learningRate, state.Parameters.Span, next);
        return new ServerState(next, state.Step + 1, state.Moments.SetItem(Velocity, velocity));
    }
}
