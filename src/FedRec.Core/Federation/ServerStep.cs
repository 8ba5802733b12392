using System.Numerics.Tensors;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;

namespace FedRec.Core.Federation;

/// <summary>Takes the server from one state to the next.</summary>
public static class ServerStep
{
    /// <summary>Adds what is exact as it is, and has the optimizer step along every other direction.</summary>
    /// <param name="learner">Says what it means.</param>
    /// <param name="optimizer">The optimizer of the round.</param>
    /// <param name="state">The state before the round.</param>
    /// <param name="aggregate">What the clients sent; at least one client.</param>
    public static ServerState Take(ILearner learner, IServerOptimizer optimizer, ServerState state, IAggregate aggregate)
    {
        var delta = new float[state.Parameters.Length];
        return Take(optimizer, state, delta, learner.Conclude(state, aggregate, delta));
    }

    /// <summary>Takes the step that a learner proposes.</summary>
    /// <param name="optimizer">The optimizer of the round.</param>
    /// <param name="state">The state before the round.</param>
    /// <param name="delta">P values.</param>
    /// <param name="proposal">What of the delta is exact, and the phase after it.</param>
    /// <exception cref="ArgumentException"><paramref name="delta"/> is not of length P.</exception>
    public static ServerState Take(IServerOptimizer optimizer, ServerState state, ReadOnlySpan<float> delta, StepProposal proposal)
    {
        if (proposal.Exact == delta.Length)
        {
            return state.Plus(delta) with { Phase = proposal.Next };
        }

        var next = optimizer.Apply(state, delta) with { Phase = proposal.Next };
        if (proposal.Exact == 0)
        {
            return next;
        }

        var (values, first) = (next.Parameters.ToArray(), delta.Length - proposal.Exact);
        TensorPrimitives.Add(state.Parameters.Span[first..], delta[first..], values.AsSpan(first));
        return next with { Parameters = values };
    }
}
