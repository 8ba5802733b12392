using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;

namespace FedRec.Core.Tests.Federation;

public sealed class ServerStepTests
{
    private static readonly LearningPhase s_next = new("next", 7);

    [Fact]
    public void Take_OfADirection_IsTheOptimizersStep()
    {
        var (optimizer, state, delta) = (new AdamOptimizer(), ServerState.Initial(new float[] { 1, 2, 3, 4 }), Ones(4));

        var next = ServerStep.Take(optimizer, state, delta, new StepProposal(s_next));

        Assert.Equal(optimizer.Apply(state, delta).Parameters.ToArray(), next.Parameters.ToArray());
        Assert.Equal((1, s_next), (next.Step, next.Phase));
    }

    [Fact]
    public void Take_OfExactDifferencesOnly_AddsThemAndCountsNoStep()
    {
        var state = ServerState.Initial(new float[] { 1, 2, 3, 4 });

        var next = ServerStep.Take(new AdamOptimizer(), state, Ones(4), new StepProposal(s_next, Exact: 4));

        Assert.Equal([2, 3, 4, 5], next.Parameters.ToArray());
        Assert.Equal((0, 0, s_next), (next.Step, next.Moments.Count, next.Phase));
    }

    [Fact]
    public void Take_WithStatisticsAtTheEnd_AddsTheseAsTheyAre()
    {
        var (optimizer, state, delta) = (new AdamOptimizer(), ServerState.Initial(new float[] { 1, 2, 3, 4 }), Ones(4));

        var next = ServerStep.Take(optimizer, state, delta, new StepProposal(s_next, Exact: 1));

        Assert.Equal([.. optimizer.Apply(state, delta).Parameters.ToArray()[..3], 5], next.Parameters.ToArray());
        Assert.Equal(1, next.Step);
    }

    private static float[] Ones(int length) => [.. Enumerable.Repeat(1f, length)];
}
