using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Personalization.Clusters;

namespace FedRec.Core.Tests.Federation;

public sealed class ServerStepTests
{
    private static readonly MatrixFactorization s_plain = new(new MatrixFactorizationOptions { Dims = 2 }, 3);

    [Fact]
    public void Take_WithoutStatistics_IsTheOptimizersStep()
    {
        var (optimizer, state, delta) = (new AdamOptimizer(), ServerState.Initial(s_plain.Initialize(1)), Ones(s_plain.Parameters.Length));

        Assert.Equal(optimizer.Apply(state, delta).Parameters.ToArray(), ServerStep.Take(s_plain, optimizer, state, delta).Parameters.ToArray());
    }

    [Fact]
    public void Take_OfStatistics_AddsTheirDeltaAsItIs()
    {
        var learner = new ClusteredLearner(s_plain, clusters: 2, warmUp: 1);
        var (optimizer, state, delta) = (new AdamOptimizer(), ServerState.Initial(learner.Initialize(1)), Ones(learner.Parameters.Length));
        var first = delta.Length - learner.Statistics;

        var next = ServerStep.Take(learner, optimizer, state, delta);

        Assert.Equal(optimizer.Apply(state, delta).Parameters[..first].ToArray(), next.Parameters[..first].ToArray());
        Assert.Equal(state.Parameters[first..].ToArray().Select(value => value + 1), next.Parameters[first..].ToArray());
        Assert.Equal(1, next.Step);
    }

    private static float[] Ones(int length) => [.. Enumerable.Repeat(1f, length)];
}
