using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Privacy;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>A run whose noise is its clients' own charges each round before it is opened, at the rate of one that everybody is in, and its coordinator sees nothing without noise.</summary>
public sealed class ClientNoiseRunTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Theory]
    [InlineData(PrivacySettings.Distributed, "quick-secure-mean", null)]
    [InlineData(PrivacySettings.Distributed, "quick-secure-mean", 0.5)]
    [InlineData(PrivacySettings.Local, "quick-secure-mean", null)]
    [InlineData(PrivacySettings.Local, "mean", 0.5)]
    public async Task Run_WithNoiseOfItsClients_ChargesEachRoundAsIfEverybodyWereInIt_AndBeforeItIsOpened(string noise, string aggregator, double? quantile)
    {
        await using var federation = await StartAsync();
        var opened = new ConcurrentQueue<(int Round, int Charges)>();
        federation.Gate.Before = call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) })
            {
                opened.Enqueue((((RoundOrder)call.Request.GetArgument(0)!).Round, _states.Writes.Count(state => state == "privacy")));
            }

            return Task.CompletedTask;
        };

        var status = await federation.RunAsync(Request(noise, aggregator) is var request ? request with { Privacy = request.Privacy! with { ClipQuantile = quantile } } : request);

        Assert.True(status.Phase == RunPhase.Completed, $"{status.Phase}: {status.Reason}; {string.Join("; ", status.Rounds)}");
        var (ledger, privacy) = (await federation.LedgerAsync(), await StatementAsync(federation, status.Version));
        Assert.Equal(4, status.RoundsDone);
        Assert.Equal([new PrivacyAccount("run-1", 1, 2, 4)], ledger.Accounts.AsEnumerable());
        Assert.Equal([(1, 1), (2, 2), (3, 3), (4, 4)], opened);
        Assert.Equal((4L, 2.0, 1.0), (privacy.Releases, privacy.NoiseMultiplier, privacy.Rate));
        Assert.Equal(Spending.Epsilon(ledger.Accounts, 1e-5), privacy.Epsilon);
        Assert.All(status.Rounds, round => Assert.Equal((30, null, 0.0), (round.Participants, round.Loss, round.ClippedShare)));
    }

    // Neither a round nor anything that clients are asked is told of a single number without noise.
    [Theory]
    [InlineData(PrivacySettings.Distributed, "quick-secure-mean")]
    [InlineData(PrivacySettings.Local, "mean")]
    public async Task Sums_OfSuchARun_HoldNeitherLossesNorExamples(string noise, string aggregator)
    {
        await using var federation = await StartAsync();
        var sums = new ConcurrentQueue<PartialSum>();
        federation.Gate.After = call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.SubmitAsync) })
            {
                sums.Enqueue((PartialSum)call.Request.GetArgument(0)!);
            }
            else if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.WaitAsync), Result: RoundResult { Sum: { } sum } })
            {
                sums.Enqueue(sum);
            }
        };

        Assert.Equal(RunPhase.Completed, (await federation.RunAsync(Request(noise, aggregator))).Phase);

        Assert.NotEmpty(sums);
        Assert.All(sums, sum => Assert.Equal((0L, 0L, 0), (sum.Loss, sum.Examples, sum.Clipped)));
    }

    // A chance to be drawn that nobody knows would cost less: here whoever runs the round knows, and the noise is found for that.
    [Fact]
    public async Task Run_OfPca_ReleasesTwoSumsWithNoiseThatKeepsItsEpsilonAtRateOne()
    {
        await using var federation = await StartAsync();
        var request = Request(PrivacySettings.Distributed, "quick-secure-mean", epsilon: 3, noiseMultiplier: 0) is var given
            ? given with { Learner = "pca", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new RoundSettings { Aggregator = "quick-secure-mean", Deadline = TimeSpan.FromMinutes(10) } } : given;

        var status = await federation.RunAsync(request);

        var (ledger, privacy) = (await federation.LedgerAsync(), await StatementAsync(federation, status.Version));
        Assert.Equal((RunPhase.Completed, RunStopReason.Complete, 2), (status.Phase, status.StopReason, status.RoundsDone));
        Assert.Equal([(1.0, 1L), (1.0, 1L)], ledger.Accounts.Select(account => (account.Rate, account.Charges)));
        Assert.InRange(privacy.Epsilon, 2.99, 3);
    }

    [Fact]
    public async Task Run_WithoutNoiseGiven_AddsTheLeastThatItsRoundsNeedAtRateOne()
    {
        await using var federation = await StartAsync();

        var status = await federation.RunAsync(Request(PrivacySettings.Local, "mean", epsilon: 3, noiseMultiplier: 0));

        Assert.Equal((RunPhase.Completed, 4), (status.Phase, status.RoundsDone));
        Assert.InRange((await StatementAsync(federation, status.Version)).Epsilon, 2.99, 3);
    }

    [Fact]
    public async Task Run_WhoseLedgerCannotBeWritten_OpensNoRound()
    {
        var (refused, opened) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        (_states.FailWritesOf, _states.OnFailure) = ("privacy", () => refused.TrySetResult());
        await using var federation = await StartAsync();
        federation.Gate.Before = call =>
        {
            opened += call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) } ? 1 : 0;
            return Task.CompletedTask;
        };
        await federation.StartRunAsync(Request(PrivacySettings.Distributed, "quick-secure-mean"));

        await refused.Task.WaitAsync(Waiting.Limit);
        var before = opened;
        _states.FailWritesOf = null;
        await federation.Grains.GetGrain<IRunGrain>("test/run-1").ResumeAsync();
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal((0, RunPhase.Completed, 4), (before, status.Phase, opened));
        Assert.Equal(4, Assert.Single((await federation.LedgerAsync()).Accounts).Charges);
    }

    // The sum of the lost round may have been seen, as may those of the rounds that are done again: all of them count twice.
    [Theory]
    [InlineData(true, true, 5)] // between the charge of the third round and its opening
    [InlineData(false, true, 5)] // while it is trained
    [InlineData(false, false, 7)] // and without a checkpoint
    public async Task Run_TakenUpAfterACrash_IsChargedForEachOpening(bool beforeOpening, bool checkpoint, int charges)
    {
        await using (var lost = await StartAsync())
        {
            await LoseInRoundThreeAsync(lost, beforeOpening);
        }

        if (!checkpoint)
        {
            await _states.Checkpoints.DeleteAllAsync("test", "run-1");
        }

        await using var federation = await StartAsync();
        var status = await federation.WaitAsync("test", "run-1");

        var (ledger, privacy) = (await federation.LedgerAsync(), await StatementAsync(federation, status.Version));
        Assert.Equal((RunPhase.Completed, 4), (status.Phase, status.RoundsDone));
        Assert.Equal(charges, Assert.Single(ledger.Accounts).Charges);
        Assert.Equal((long)charges, privacy.Releases);
        Assert.Equal(ledger.Last.Length, ledger.Last.Select(charge => charge.Name).Distinct().Count());
        var findings = LedgerCheck.Of(await LedgerEvidence.CollectAsync(federation.Grains, "test", ["run-1"]));
        Assert.All(findings, finding => Assert.True(finding.Holds, $"{finding.What}: {finding.Text}"));
    }

    // The record of a crashed round is stored by nobody but the driver, who charges: a round that wakes up by itself goes on with nothing.
    [Fact]
    public async Task Round_OfSuchARun_IsNotStored()
    {
        await using var federation = await StartAsync();

        await federation.RunAsync(Request(PrivacySettings.Distributed, "quick-secure-mean"));
        await federation.RunAsync(Request(PrivacySettings.Central, "quick-secure-mean"));

        Assert.DoesNotContain(_states.Stored.Keys, key => key.StartsWith("round-", StringComparison.Ordinal) && key.Contains("run-1/", StringComparison.Ordinal));
        Assert.Contains(_states.Stored.Keys, key => key.StartsWith("round-", StringComparison.Ordinal) && key.Contains("run-2/", StringComparison.Ordinal));
    }

    // A round that comes to nothing was asked for all the same, and its clients may have been unmasked.
    [Fact]
    public async Task Rounds_ThatAreAbandoned_StayCharged_AndOneThatIsCommittedWithoutAChargeIsFoundOut()
    {
        await using var federation = await StartAsync();
        var request = Request(PrivacySettings.Distributed, "quick-secure-mean");

        var status = await federation.RunAsync(request with { Rounds = request.Rounds with { Dropout = 0.6, Quorum = 1 } });
        var good = await federation.RunAsync(request);

        Assert.Equal((RunPhase.Failed, 3, RunPhase.Completed), (status.Phase, status.RoundsDone, good.Phase));
        Assert.Equal([3L, 4L], (await federation.LedgerAsync()).Accounts.Select(account => account.Charges));
        var evidence = await LedgerEvidence.CollectAsync(federation.Grains, "test", ["run-1", "run-2"]);
        Assert.All(LedgerCheck.Of(evidence), finding => Assert.True(finding.Holds, $"{finding.What}: {finding.Text}"));
        var free = evidence with { Charges = evidence.Charges.RemoveAt(evidence.Charges.Length - 1) };
        Assert.Contains(LedgerCheck.Of(free), finding => !finding.Holds && finding.Text == "round 4 was committed and never charged");
    }

    [Fact]
    public async Task Run_WhosePrivacyIsSpent_EndsByItself_WithoutOpeningTheRound()
    {
        await using var federation = await StartAsync();
        var request = Request(PrivacySettings.Local, "mean", epsilon: 3.5);
        await federation.Grains.GetGrain<IPrivacyLedgerGrain>("test").SetBudgetAsync(new PrivacyBudget(Spending.Epsilon([new PrivacyAccount("run-1", 1, 2, 2)], 1e-5) * 1.01, 1e-5));

        var status = await federation.RunAsync(request with { Privacy = request.Privacy! with { Epsilon = 100 }, Rounds = request.Rounds with { Count = 20 } });
        await federation.Grains.GetGrain<IPrivacyLedgerGrain>("test").SetBudgetAsync(null);
        var second = await federation.RunAsync(request with { Rounds = request.Rounds with { Count = 20 } });

        Assert.Equal((RunPhase.Stopped, RunStopReason.PrivacySpent, 3), (status.Phase, status.StopReason, status.RoundsDone));
        Assert.Equal((0, nameof(Core.Federation.RoundPhase.Abandoned)), (status.Rounds[2].Participants, status.Rounds[2].Phase));
        Assert.Contains("the federation's privacy budget is spent", status.Rounds[2].Reason, StringComparison.Ordinal);
        Assert.Equal((RunPhase.Stopped, RunStopReason.PrivacySpent), (second.Phase, second.StopReason));
        Assert.InRange((await StatementAsync(federation, second.Version)).Epsilon, 2, 3.5);
    }

    [Fact]
    public async Task Requests_ThatCannotKeepWhatTheyPromise_AreRefused()
    {
        await using var federation = await StartAsync();
        var (good, local) = (Request(PrivacySettings.Distributed, "quick-secure-mean"), Request(PrivacySettings.Local, "mean"));
        (RunRequest Request, string Says)[] refused =
        [
            (good with { Rounds = good.Rounds with { Aggregator = "mean" } }, "aggregator is mean; it must be secure-mean with dp distributed"),
            (good with { Rounds = good.Rounds with { Aggregator = "median" } }, "aggregator is median"),
            (local with { Rounds = local.Rounds with { Aggregator = "krum" } }, "aggregator is krum"),
            (local with { Rounds = local.Rounds with { Steps = "int8" } }, "update-steps is int8; it must be without topk"),
            (local with { Rounds = local.Rounds with { Steps = "topk=0.1" } }, "update-steps is topk=0.1"),
            (local with { Rounds = local.Rounds with { Mode = RoundSettings.Asynchronous } }, "mode is async"),
            (local with { Rounds = local.Rounds with { Mode = RoundSettings.Gossip, CohortSize = 0 } }, "mode is gossip"),
            (local with { Privacy = local.Privacy! with { Noise = "each" } }, "dp is each; it must be central, distributed or local"),
            (local with { Rounds = local.Rounds with { ClipNorm = 5_000 }, Privacy = local.Privacy! with { NoiseMultiplier = 100 } }, "could wrap"),
            (local with { LearnerOptions = local.LearnerOptions.SetItem("objective", "least-squares") }, "exact statistics"),
        ];

        foreach (var (request, says) in refused)
        {
            var receipt = await federation.StartRunAsync(request);
            Assert.True(receipt.Outcome == RunOutcome.Invalid && receipt.Message.Contains(says, StringComparison.Ordinal), $"{says}: {receipt}");
        }

        Assert.Empty((await federation.LedgerAsync()).Accounts);
        Assert.Equal("run-1", (await federation.RunAsync(good)).RunId);
    }

    [Fact]
    public void Settings_OfCentralNoise_AreThoseThatSayNothing() =>
        Assert.Equal(new PrivacySettings { Epsilon = 1 }, new PrivacySettings { Epsilon = 1, Noise = PrivacySettings.Central });

    private static RunRequest Request(string noise, string aggregator, double epsilon = 100, double noiseMultiplier = 2) => PrivateFederation.Request(epsilon, noiseMultiplier) is var request
        ? request with { Rounds = request.Rounds with { Aggregator = aggregator, Deadline = TimeSpan.FromMinutes(10) }, Privacy = request.Privacy! with { Noise = noise } } : request;

    private static async Task<PrivacyStatement> StatementAsync(TestFederation federation, long version) => (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(version))!.Privacy!;

    private Task<TestFederation> StartAsync() => PrivateFederation.StartAsync(_states, _models);

    private static async Task LoseInRoundThreeAsync(TestFederation lost, bool beforeOpening)
    {
        var request = Request(PrivacySettings.Distributed, "quick-secure-mean");
        if (!beforeOpening)
        {
            await lost.LoseInRoundThreeAsync(request);
            return;
        }

        var hold = new Hold();
        lost.Gate.Before = call => call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) } && ((RoundOrder)call.Request.GetArgument(0)!).Round == 3 ? hold.PassAsync() : Task.CompletedTask;
        await lost.StartRunAsync(request);
        await hold.Reached;
        await lost.Cluster.KillSiloAsync(lost.Cluster.Silos[0]);
    }
}
