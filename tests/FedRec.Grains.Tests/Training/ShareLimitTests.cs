using System.Collections.Immutable;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Scenarios;

namespace FedRec.Grains.Tests.Training;

public sealed class ShareLimitTests
{
    private static readonly ImmutableSortedDictionary<string, string> s_logistic =
        ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8").Add("objective", "logistic");

    [Fact]
    public async Task Run_WithAMaximalShare_KeepsItInEveryRound()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var free = await federation.RunAsync(Request(0, "examples"), Users(60));
        var limited = await federation.RunAsync(Request(0.02, "examples"), Users(60));

        Assert.All(free.Rounds, round => Assert.True(round.LargestShare > 0.02, $"{round.LargestShare}"));
        Assert.All(limited.Rounds, round => Assert.InRange(round.LargestShare, 1.0 / 60, 0.02 + 1e-6));
    }

    [Fact]
    public async Task Run_WithLargeParties_WeighsThemByTheirExamples()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = Request(0, "examples");
        var dataset = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 1_500, SyntheticItems = 500 });
        var sizes = ClientPartition.Skewed(dataset, 3, 0.1, request.Seed).Clients.Select(client => (double)client.InteractionCount).ToArray();

        var run = await federation.RunAsync(request, Users(1_500) with { Parties = 3, Alpha = 0.1 });

        Assert.True(sizes.Max() > 0.4 * sizes.Sum(), string.Join(", ", sizes));
        Assert.All(run.Rounds, round => Assert.Equal(sizes.Max() / sizes.Sum(), round.LargestShare, 0.01)); // users with many items have fewer than four negatives for each
    }

    [Theory]
    [InlineData(0.01, "examples", "with 60 clients one of them has at least 0.016667")]
    [InlineData(0.5, "uniform", "max-share is 0.5; it must be 0 with weighting uniform")]
    [InlineData(1.5, "examples", "max-share is 1.5")]
    public async Task Start_WithAShareThatCannotBeKept_SaysWhy(double share, string weighting, string reason)
    {
        await using var federation = await TestFederation.StartAsync(1);

        var receipt = await federation.StartRunAsync(Request(share, weighting), Users(60));

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(reason, receipt.Message, StringComparison.Ordinal);
    }

    private static DataSpec Users(int users) => new() { SyntheticUsers = users, SyntheticItems = 500 };

    private static RunRequest Request(double share, string weighting) => TestFederation.Request() with
    {
        LearnerOptions = s_logistic,
        Rounds = new RoundSettings { Count = 2, Weighting = weighting, MaxShare = share },
    };
}
