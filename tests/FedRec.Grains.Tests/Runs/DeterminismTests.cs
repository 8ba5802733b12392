using System.Collections.Immutable;
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
    [InlineData("mf", "dims=8 objective=least-squares", 4)]
    [InlineData("mf", "dims=8 objective=logistic", 4)]
    [InlineData("mf", "dims=8 objective=bpr", 4)]
    [InlineData("mf", "dims=8 objective=mse", 4)]
    [InlineData("ncf", "dims=8 model=neumf", 4)]
    [InlineData("two-tower", "dims=8", 4)]
    [InlineData("pca", "common-items=20", 2)]
    [InlineData("ease", "lambda=20", 1)]
    [InlineData("ease", "lambda=0 sketch=16", 3)]
    public async Task Run_SameSeedAndData_GivesTheSameModelOnOneAndOnThreeSilos(string learner, string options, int rounds)
    {
        var request = TestFederation.Request(rounds: rounds) with
        {
            Learner = learner,
            LearnerOptions = options.Split(' ').Select(option => option.Split('=')).ToImmutableSortedDictionary(option => option[0], option => option[1]),
        };
        await using var one = await TestFederation.StartAsync(1);
        await using var three = await TestFederation.StartAsync(3);

        var alone = await one.RunAsync(request);
        var spread = await three.RunAsync(request);

        Assert.Equal(RunPhase.Completed, alone.Phase);
        Assert.NotEqual("", alone.Sha256);
        Assert.Equal(alone.Sha256, spread.Sha256);
        Assert.Equal(alone.Rounds.Select(round => round.Participants), spread.Rounds.Select(round => round.Participants));
    }

    [Fact]
    public async Task Run_WithYogiAndASchedule_GivesTheSameModelOnOneAndOnThreeSilos()
    {
        var request = TestFederation.Request();
        var scheduled = request with { ServerOptimizer = new ServerOptimizerSettings { Name = "fedyogi", Schedule = "cosine", WarmupRounds = 2 } };
        var constant = scheduled with { Federation = "constant", ServerOptimizer = new ServerOptimizerSettings { Name = "yogi" } };
        await using var one = await TestFederation.StartAsync(1);
        await using var three = await TestFederation.StartAsync(3);

        var (alone, other) = (await one.RunAsync(scheduled), await one.RunAsync(constant));
        var spread = await three.RunAsync(scheduled);

        Assert.Equal(alone.Sha256, spread.Sha256);
        Assert.NotEqual(alone.Sha256, other.Sha256);
        Assert.Equal(("yogi", 0.02), (alone.Request.ServerOptimizer.Name, alone.Request.ServerOptimizer.LearningRate));
        Assert.Equal(0.5 * other.Rounds[0].StepNorm, alone.Rounds[0].StepNorm, 4); // the first of two rounds of warm-up
    }
}
