using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Runs;

/// <summary>Learners that add up exact statistics leave no choice of rounds, clients, weights and steps.</summary>
public sealed class OneShotTests
{
    private static readonly RunRequest s_ease = TestFederation.Request(rounds: 0) with { Learner = "ease", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "500") };

    public static TheoryData<string, RunRequest> Wrong => new()
    {
        { "rounds is 2; it must be 1 for ease", s_ease with { Rounds = s_ease.Rounds with { Count = 2 } } },
        { "cohort is 5; it must be 0 for ease", s_ease with { Rounds = s_ease.Rounds with { CohortSize = 5 } } },
        { "weighting is examples; it must be uniform for ease", s_ease with { Rounds = s_ease.Rounds with { Weighting = "examples" } } },
        { "weight-cap is 3; it must be 0 for ease", s_ease with { Rounds = s_ease.Rounds with { WeightCap = 3 } } },
        { "server-optimizer is adam; it must be sgd", s_ease with { ServerOptimizer = new() { Name = "adam" } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task StartRun_AnythingElse_IsRefusedBeforeItStarts(string expected, RunRequest request)
    {
        await using var federation = await TestFederation.StartAsync(1);

        var receipt = await federation.Grains.GetGrain<IFederationGrain>("test").StartRunAsync(request);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.StartsWith(expected, receipt.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AnInvitedClientDropsOut_CountsTheOthersAndSaysSo()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var status = await federation.RunAsync(s_ease with { Rounds = s_ease.Rounds with { Dropout = 0.1 } });

        Assert.Equal((RunPhase.Completed, 1), (status.Phase, status.RoundsDone));
        Assert.InRange(status.Rounds[0].Participants, 45, 59);
    }
}
