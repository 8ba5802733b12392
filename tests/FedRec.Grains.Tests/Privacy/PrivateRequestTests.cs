using System.Collections.Immutable;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>What would make less of a promise than it says is refused at the start, with what to do, and leaves no trace.</summary>
public sealed class PrivateRequestTests
{
    [Fact]
    public async Task Requests_ThatCannotKeepWhatTheyPromise_AreRefused()
    {
        await using var federation = await PrivateFederation.StartAsync();
        var good = PrivateFederation.Request();
        var (rounds, privacy) = (good.Rounds, good.Privacy!);
        (RunRequest Request, string Says)[] refused =
        [
            (good with { Rounds = rounds with { ClipNorm = 0 } }, "clip-norm is 0"),
            (good with { Rounds = rounds with { CohortSize = 9 } }, "a round has 9 clients"),
            (good with { Rounds = rounds with { Weighting = "examples" } }, "weighting is examples"),
            (good with { Rounds = rounds with { Aggregator = "median" } }, "aggregator is median"),
            (good with { Rounds = rounds with { ReportGoal = 10 } }, "report-goal is 10"),
            (good with { Rounds = rounds with { ErrorBudget = 2 } }, "error-budget is 2"),
            (good with { Rounds = rounds with { Mode = RoundSettings.Asynchronous } }, "mode is async"),
            (good with { Rounds = rounds with { Mode = RoundSettings.Gossip, CohortSize = 0 } }, "mode is gossip"),
            (good with { HoldOutValidation = true }, "held-out validation is True"),
            (good with { TargetMetric = "loss", TargetValue = 0.1 }, "target is loss"),
            (good with { WarmStartFrom = new WarmStartSource { Federation = "test" } }, "warm-start-from is test"),
            (good with { Privacy = privacy with { Epsilon = 0 } }, "epsilon is 0"),
            (good with { Privacy = privacy with { Epsilon = double.NaN } }, "epsilon is NaN"),
            (good with { Privacy = privacy with { Delta = 0 } }, "delta is 0"),
            (good with { Privacy = privacy with { Delta = 0.02 } }, "it must be less than 1.67E-2"),
            (good with { Privacy = privacy with { NoiseMultiplier = -1 } }, "noise-multiplier is -1"),
            (good with { LearnerOptions = good.LearnerOptions.SetItem("objective", "least-squares") }, "clip-norm is 0.5, but with these options clients of mf send exact statistics"),
            (good with { LearnerOptions = good.LearnerOptions.Add("scaffold", "on") }, "item_control"),
            (good with { Learner = "ease", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new RoundSettings { ClipNorm = 1 } }, "exact statistics"),
            (good with { Learner = "pca", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new RoundSettings { Count = 3 } }, "rounds is 3"),
            (good with { Learner = "pca", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new RoundSettings(), WarmStart = 1 }, "warm-start is 1"),
            (good with { Personalization = new PersonalizationSettings { Method = "clusters" } }, "cluster_weights"),
        ];

        foreach (var (request, says) in refused)
        {
            var receipt = await federation.StartRunAsync(request);
            Assert.True(receipt.Outcome == RunOutcome.Invalid && receipt.Message.Contains(says, StringComparison.Ordinal), $"{says}: {receipt}");
        }

        Assert.Empty((await federation.LedgerAsync()).Accounts);
        Assert.Equal(RunPhase.Completed, (await federation.RunAsync(good)).Phase);
    }

    [Fact]
    public async Task Request_WhereSilosHaveNoKey_IsRefused()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var receipt = await federation.StartRunAsync(PrivateFederation.Request());

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains("FedRec:Privacy:KeyFile", receipt.Message, StringComparison.Ordinal);
        Assert.Equal(RunPhase.Completed, (await federation.RunAsync(TestFederation.Request())).Phase); // who asks for none needs none
    }

    // A version that was made without noise has its clients in it, and so would whatever begins with it.
    [Fact]
    public async Task Request_BegunWithAVersionWithoutPrivacy_IsRefused_AndWithAPrivateOneGoesOnSpending()
    {
        await using var federation = await PrivateFederation.StartAsync();
        var open = await federation.RunAsync(PrivateFederation.Request() with { Privacy = null });
        var closed = await federation.RunAsync(PrivateFederation.Request());

        var refused = await federation.StartRunAsync(PrivateFederation.Request() with { WarmStart = open.Version });
        var status = await federation.RunAsync(PrivateFederation.Request() with { WarmStart = closed.Version });

        Assert.Contains("a version without privacy", refused.Message, StringComparison.Ordinal);
        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal([4L, 4L], (await federation.LedgerAsync()).Accounts.Select(account => account.Charges));
    }

    [Fact]
    public void Request_WithPrivacy_NamesNoLearnerToWhoeverDoesNotKnowThat_InWhateverOrderItIsMade()
    {
        var privacy = new PrivacySettings { Epsilon = 1 };
        var made = new RunRequest { Privacy = privacy, PartyLabels = "region=eu", Federation = "shop", Learner = "mf" };

        Assert.Equal(made, new RunRequest { Federation = "shop", Learner = "mf", PartyLabels = "region=eu", Privacy = privacy });
        Assert.Equal(("mf", "mf", "mf"), (made.Learner, (made with { PartyLabels = null }).Learner, (made with { Privacy = null }).Learner));
        Assert.Equal(new RunRequest { Federation = "shop", Learner = "ease" }, made with { Privacy = null, PartyLabels = null, Learner = "ease" });
    }
}
