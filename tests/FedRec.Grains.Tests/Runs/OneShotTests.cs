using System.Collections.Immutable;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Grains.Requests;

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
        { "kernel is vote, but lambda is given", s_ease with { LearnerOptions = s_ease.LearnerOptions.Add("kernel", "vote") } },
        { "item-dropout is vote, but lambda is given", s_ease with { LearnerOptions = s_ease.LearnerOptions.Add("item-dropout", "vote") } },
        { "server-optimizer is adam; it must be sgd", s_ease with { ServerOptimizer = new() { Name = "adam" } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task StartRun_AnythingElse_IsRefusedBeforeItStarts(string expected, RunRequest request)
    {
        await using var federation = await TestFederation.StartAsync(1);

        var receipt = await federation.StartRunAsync(request);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.StartsWith(expected, receipt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ease", 0, 900)]
    [InlineData("ease", 60, 60)]
    [InlineData("mf", 0, 60)]
    [InlineData("mf", 60, 60)]
    [InlineData("mf", 900, 900)]
    public void WithDefaults_Deadline_IsThatOfTheRequestOrOfTheLearner(string learner, int given, int expected)
    {
        var request = TestFederation.Request() with { Learner = learner, LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new RoundSettings { Deadline = TimeSpan.FromSeconds(given) } };

        Assert.Equal(TimeSpan.FromSeconds(expected), RunRequests.WithDefaults(request, FederationParts.BuiltIn()).Rounds.Deadline);
    }

    [Fact]
    public async Task Run_OfDataWithoutTimes_EndsWhenUsersHaveChosenAndAllIsCounted()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, ["user,item", .. Enumerable.Range(0, 300).Select(i => $"u{i % 30},i{((i * i) + (i / 7)) % 25}").Distinct()]);
        await using var federation = await TestFederation.StartAsync(2);

        var status = await federation.RunAsync(s_ease with { LearnerOptions = ImmutableSortedDictionary<string, string>.Empty }, new DataSpec { Path = file });

        Assert.Equal((RunPhase.Completed, RunStopReason.Complete, 3, 7), (status.Phase, status.StopReason, status.RoundsDone, status.Request.Rounds.Count));
        Assert.Contains("without times the order of items plays no part", status.Reason, StringComparison.Ordinal);
        var options = (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(1))!.LearnerOptions;
        Assert.Equal(("0", "0"), (options["kernel"], options["recency"]));
        Assert.NotEqual("vote", options["lambda"]);
        File.Delete(file);
    }

    [Fact]
    public async Task Run_AnInvitedClientDropsOut_CountsTheOthersAndSaysSo()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var status = await federation.RunAsync(s_ease with { Rounds = s_ease.Rounds with { Dropout = 0.1 } });

        Assert.Equal((RunPhase.Completed, 1), (status.Phase, status.RoundsDone));
        Assert.InRange(status.Rounds[0].Participants, 45, 59);
    }

    [Fact]
    public async Task Run_QuorumNotMetOnce_FailsAtOnceAsStatisticsWithoutARoundWouldBeWrong()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var status = await federation.RunAsync(s_ease with { LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = s_ease.Rounds with { Dropout = 0.9, Quorum = 1 } });

        Assert.Equal((RunPhase.Failed, 1), (status.Phase, status.Rounds.Length));
        Assert.StartsWith("quorum not met in 1 rounds in a row", status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_MeasuredAfterEachRound_PublishesTheCompleteSumWhateverWasMeasuredBefore()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var voting = s_ease with { LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, HoldOutValidation = true };

        var plain = await federation.RunAsync(voting);
        var measured = await federation.RunAsync(voting with { EvaluateEvery = 1 });

        var found = measured.Evaluations.Where(evaluation => evaluation.OnValidation).ToDictionary(evaluation => evaluation.Round, evaluation => evaluation.Metrics["ndcg@10"]);
        Assert.Contains(found, earlier => earlier.Key < measured.RoundsDone && earlier.Value > found[measured.RoundsDone]); // one that would be chosen
        Assert.Equal(plain.Sha256, measured.Sha256);
    }
}
