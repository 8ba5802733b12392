using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Runs;

public class DeterminismTests
{
    [Fact]
    public async Task Run_OverSelectedWithDropouts_GivesTheSameModelOnOneAndOnThreeSilos()
    {
        var request = TestFederation.Request();
        request = request with { Rounds = request.Rounds with { CohortSize = 52, ReportGoal = 40, Dropout = 0.1, Straggler = 0.05 } };
        await using var one = await TestFederation.StartAsync(1);
        await using var three = await TestFederation.StartAsync(3);

        var alone = await one.RunAsync(request);
        var spread = await three.RunAsync(request);

        Assert.All(alone.Rounds, round => Assert.InRange(round.Participants, 30, 40));
        Assert.Equal(alone.Sha256, spread.Sha256);
    }

    [Theory]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("mf", "objective", "logistic")]
    [InlineData("ncf", "model", "neumf")]
    public async Task Run_SameSeedAndData_GivesTheSameModelOnOneAndOnThreeSilos(string learner, string option, string value)
    {
        var request = TestFederation.Request();
        request = request with { Learner = learner, LearnerOptions = request.LearnerOptions.Add(option, value) };
        await using var one = await TestFederation.StartAsync(1);
        await using var three = await TestFederation.StartAsync(3);

        var alone = await one.RunAsync(request);
        var spread = await three.RunAsync(request);

        Assert.Equal(RunPhase.Completed, alone.Phase);
        Assert.NotEqual("", alone.Sha256);
        Assert.Equal(alone.Sha256, spread.Sha256);
        Assert.Equal(alone.Rounds.Select(round => round.Participants), spread.Rounds.Select(round => round.Participants));
    }
}
