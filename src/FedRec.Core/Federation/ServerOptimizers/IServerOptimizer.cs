namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>Turns the mean client delta of one round into the next shared parameters.</summary>
/// <remarks>Holds no state: what must survive a restart is in <see cref="ServerState"/>.
/// Reddi et al. 2021, arXiv:2003.00295, Algorithm 1 (FedOpt).</remarks>
public interface IServerOptimizer
{
    /// <summary>Takes one server step; equal arguments give equal results.</summary>
    /// <param name="state">State before the round, P parameters; left unchanged.</param>
    /// <param name="meanDelta">Weighted mean of (client minus server) parameters, or a learner's pseudo-delta; length P.</param>
    /// <returns>The state after the round.</returns>
    /// <exception cref="ArgumentException"><paramref name="meanDelta"/> is not of length P, or a moment in the state is not.</exception>
    ServerState Apply(ServerState state, ReadOnlySpan<float> meanDelta);
}
