using FedRec.Core.Federation;

namespace FedRec.Core.Tests.Federation;

public class PolicyTests
{
    [Fact]
    public void Draw_ManyClients_HasTheGivenShares()
    {
        var plan = new RoundPlan(1, 0, [.. Enumerable.Range(0, 10_000)], 10_000, 1, 1);

        var fates = new SimulatedFaults(0.1, 0.2).Draw(5, plan).Fates;

        Assert.InRange(fates.Count(fate => fate == ClientState.Dropped), 850, 1_150);
        Assert.InRange(fates.Count(fate => fate == ClientState.Straggling), 1_800, 2_200);
        Assert.Equal(fates, new SimulatedFaults(0.1, 0.2).Draw(5, plan).Fates);
    }

    [Fact]
    public void Draw_MoreClientsThanTheGoal_LeavesExactlyTheGoal()
    {
        var plan = new RoundPlan(1, 0, [.. Enumerable.Range(0, 130)], 100, 50, 1);

        var fates = new SimulatedFaults(0, 0).Draw(5, plan).Fates;

        Assert.Equal(100, fates.Count(fate => fate == ClientState.Outstanding));
        Assert.Equal(30, fates.Count(fate => fate == ClientState.Straggling));
    }

    [Fact]
    public void Observe_Plateau_StopsAfterPatienceEvaluations()
    {
        var stopping = new EarlyStopping(2).Observe(10, 0.1).Observe(20, 0.3).Observe(30, 0.2);
        Assert.False(stopping.ShouldStop);

        stopping = stopping.Observe(40, 0.3);

        Assert.True(stopping.ShouldStop);
        Assert.Equal(20, stopping.BestRound);
    }
}
