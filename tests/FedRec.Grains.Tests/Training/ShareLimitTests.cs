using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Training;

public sealed class ShareLimitTests
{
    private static readonly ImmutableSortedDictionary<string, string> s_logistic =
        ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8").Add("objective", "logistic");

    [Fact]
    public async Task Run_WithAMaximalShare_KeepsItInEveryRound()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var free = await federation.RunAsync(Request(0, "examples", users: 60));
        var limited = await federation.RunAsync(Request(0.02, "examples", users: 60));

        Assert.All(free.Rounds, round => Assert.True(round.LargestShare > 0.02, $"{round.LargestShare}"));
        Assert.All(limited.Rounds, round => Assert.InRange(round.LargestShare, 1.0 / 60, 0.02 + 1e-6));
    }

    [Theory]
    [InlineData(0.01, "examples", "with 60 clients one of them has at least 0.016667")]
    [InlineData(0.5, "uniform", "max-share is 0.5; it must be 0 with weighting uniform")]
    [InlineData(1.5, "examples", "max-share is 1.5")]
    public async Task Start_WithAShareThatCannotBeKept_SaysWhy(double share, string weighting, string reason)
    {
        await using var federation = await TestFederation.StartAsync(1);

        var receipt = await federation.Grains.GetGrain<IFederationGrain>("test").StartRunAsync(Request(share, weighting, users: 60));

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(reason, receipt.Message, StringComparison.Ordinal);
    }

    private static RunRequest Request(double share, string weighting, int users) => TestFederation.Request() with
    {
        Data = new DataSpec { SyntheticUsers = users, SyntheticItems = 500 },
        LearnerOptions = s_logistic,
        Rounds = new RoundSettings { Count = 2, Weighting = weighting, MaxShare = share },
    };
}
