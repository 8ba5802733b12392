using System.Numerics.Tensors;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;

namespace FedRec.Core.Federation;

/// <summary>Takes the server from one state to the next.</summary>
public static class ServerStep
{
    /// <summary>Adds a delta of statistics as it is, and has the optimizer step along every other.</summary>
    /// <param name="learner">Says what of its parameters are statistics.</param>
    /// <param name="optimizer">The optimizer of the round.</param>
    /// <param name="state">The state before the round.</param>
    /// <param name="delta">What the learner made of the clients' updates, P values.</param>
    /// <exception cref="ArgumentException"><paramref name="delta"/> is not of length P.</exception>
    public static ServerState Take(ILearner learner, IServerOptimizer optimizer, ServerState state, ReadOnlySpan<float> delta)
    {
        if (learner.Prepares(state.Parameters.Span))
        {
            return state.Plus(delta);
        }

        var next = optimizer.Apply(state, delta);
        if (learner.Statistics == 0)
        {
            return next;
        }

        var (values, first) = (next.Parameters.ToArray(), delta.Length - learner.Statistics);
        TensorPrimitives.Add(state.Parameters.Span[first..], delta[first..], values.AsSpan(first));
        return next with { Parameters = values };
    }
}
