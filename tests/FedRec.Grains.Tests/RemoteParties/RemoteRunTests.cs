using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Randomness;
using FedRec.Grains.RemoteParties;
using FedRec.Grains.Tests.Parties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>To a run a party with a process of its own is a client like any other.</summary>
public sealed class RemoteRunTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("remote-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("ease", 1)]
    [InlineData("ease", 2)]
    [InlineData("mf", 1)]
    [InlineData("mf", 2)]
    public async Task Run_OfRemoteParties_GivesTheBytesAndMetricsOfHostedAndSimulatedOnes(string learner, short silos)
    {
        await using var remote = await RemoteFederation.StartAsync(silos);
        remote.Write(_folder);
        await remote.ImportAsync("hosted");

        remote.Work();
        var own = await remote.Cluster.RunAsync(RemoteFederation.Request(learner));
        var hosted = await remote.Cluster.RunAsync(RemoteFederation.Request(learner, "hosted"));
        var loaded = await remote.Cluster.RunAsync(RemoteFederation.Request(learner, "loaded"), new DataSpec { Path = _folder.FullName });

        Assert.Equal((RunPhase.Completed, 3, 60, 40), (own.Phase, own.Clients, own.Users, own.Items));
        Assert.Equal((hosted.Sha256, loaded.Sha256), (own.Sha256, own.Sha256));
        Assert.Equal(HostedFederationTests.Found(await HostedFederationTests.ManifestAsync(remote.Cluster, "hosted"), "test"), HostedFederationTests.Found(await HostedFederationTests.ManifestAsync(remote.Cluster, RemoteFederation.Name), "test"));
        var records = await remote.Cluster.Grains.GetGrain<IPartiesGrain>(RemoteFederation.Name).ListAsync();
        Assert.Equal([0, 1, 2], records.Select(party => party.Client!.Value));
        Assert.All(records, party => Assert.Equal((own.RoundsDone, 0), (party.Counted, party.Refused)));
    }

    [Theory]
    [InlineData("pca", null)]
    [InlineData("mf", null)]
    [InlineData("mf", 0.5)] // the norm comes with the model
    public async Task Run_WithPrivacyOfRemoteParties_CountsThemAll_AndChargesEachRelease(string learner, double? clipQuantile)
    {
        await using var remote = await RemoteFederation.StartAsync(1, parties: 12);

        remote.Work();
        var run = await remote.Cluster.RunAsync(Private(learner, clipQuantile));

        var ledger = await remote.Cluster.Grains.GetGrain<IPrivacyLedgerGrain>(RemoteFederation.Name).ReadAsync();
        Assert.Equal((RunPhase.Completed, 12, learner == "pca" ? 2 : 3), (run.Phase, run.Clients, run.RoundsDone));
        Assert.All(run.Rounds, round => Assert.Equal(12, round.Participants));
        Assert.Equal(run.RoundsDone, ledger.Accounts.Sum(account => account.Charges));
    }

    // They add it themselves: distributed, under masks that they make with each other, or all of it.
    [Theory]
    [InlineData("pca", PrivacySettings.Distributed)]
    [InlineData("mf", PrivacySettings.Local)]
    public async Task Run_WithNoiseOfRemoteParties_CountsThemAll_AndChargesEachRoundAtRateOne(string learner, string noise)
    {
        await using var remote = await RemoteFederation.StartAsync(1, parties: 12);

        remote.Work();
        var run = await remote.Cluster.RunAsync(Private(learner, null, noise));

        var ledger = await remote.Cluster.Grains.GetGrain<IPrivacyLedgerGrain>(RemoteFederation.Name).ReadAsync();
        Assert.Equal((RunPhase.Completed, 12, learner == "pca" ? 2 : 3), (run.Phase, run.Clients, run.RoundsDone));
        Assert.All(run.Rounds, round => Assert.Equal((12, null), (round.Participants, round.Loss)));
        Assert.Equal(run.RoundsDone, ledger.Accounts.Where(account => account.Rate == 1).Sum(account => account.Charges));
    }

    // Two processes of a party have the same key, and send the same; without a key it sends nothing.
    [Fact]
    public async Task Update_WithNoiseOfTheParty_IsTheSameWhereItHasTheSameKey_AndNoneGoesWithoutAKey()
    {
        await using var remote = await RemoteFederation.StartAsync(1, parties: 12);
        await remote.Cluster.StartRunAsync(Private("mf", null, PrivacySettings.Local));
        var order = await remote.AskedAsync();
        var party = remote.Parties[0];
        var (catalogue, model, key) = (await party.FetchAsync(order.CatalogueSha256), await party.FetchAsync(order.ModelSha256), SecretKey.New());
        byte[] Trained(SecretKey? with)
        {
            using var trainer = new RemoteTrainer(TestFederation.Parts, remote.Rows[party.Name], key: with);
            return trainer.Train(RemoteTrainer.Checked(order), catalogue, model);
        }

        var (first, again, other) = (Trained(key), Trained(key), Trained(SecretKey.New()));
        var longer = first.ToArray();
        foreach (ref var value in MemoryMarshal.Cast<byte, long>(longer.AsSpan(48)))
        {
            value *= 2;
        }

        var (refused, taken) = (await party.SendAsync(order, longer), await party.SendAsync(order, other));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal((0L, 0L, 0), (BitConverter.ToInt64(first, 16), BitConverter.ToInt64(first, 24), BitConverter.ToInt32(first, 40))); // loss, examples, clipped
        Assert.Equal((PartyUpdateFault.Unreadable, null), (refused.Fault, taken.Fault));
        Assert.Contains("no key to draw it from", Assert.Throws<ArgumentException>(() => Trained(null)).Message, StringComparison.Ordinal);
    }

    // Noise is made for a length: who sends more than that would be hidden less, and would count for more, than is said.
    [Theory]
    [InlineData(null)]
    [InlineData(0.5)]
    public async Task Update_OfAPrivateRunThatIsLongerThanItsNoiseHides_IsRefused(double? clipQuantile)
    {
        await using var remote = await RemoteFederation.StartAsync(1, parties: 12);
        await remote.Cluster.StartRunAsync(Private("mf", clipQuantile));
        var order = await remote.AskedAsync();
        var (party, honest) = (remote.Parties[0], await remote.Parties[0].TrainAsync(order));
        var longer = honest.ToArray();
        foreach (ref var value in MemoryMarshal.Cast<byte, long>(longer.AsSpan(48)))
        {
            value += value / 100; // by a hundredth
        }

        var refused = await party.SendAsync(order, longer);
        var lighter = honest.ToArray();
        BitConverter.TryWriteBytes(lighter.AsSpan(8), BitConverter.ToInt64(lighter, 8) / 2);
        BitConverter.TryWriteBytes(lighter.AsSpan(32), 0.5);
        var light = await party.SendAsync(order, lighter);
        var taken = await party.SendAsync(order, honest);

        Assert.Equal((PartyUpdateFault.Unreadable, PartyUpdateFault.Unreadable, null), (refused.Fault, light.Fault, taken.Fault));
        remote.Work();
        Assert.Equal(RunPhase.Completed, (await remote.Cluster.WaitAsync(RemoteFederation.Name, "run-1")).Phase);
    }

    private static RunRequest Private(string learner, double? clipQuantile, string? noise = null) => RemoteFederation.Request(learner) with
    {
        LearnerOptions = learner == "pca" ? ImmutableSortedDictionary<string, string>.Empty : ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8").Add("objective", "bpr"),
        Rounds = (learner == "pca" ? new RoundSettings() : new RoundSettings { Count = 3, ClipNorm = 0.05 }) with { Aggregator = noise == PrivacySettings.Distributed ? RoundSettings.SecureMean : "mean" },
        Privacy = new PrivacySettings { Epsilon = 50, NoiseMultiplier = 0.5, Delta = 0.001, ClipQuantile = clipQuantile, Noise = noise },
    };

    [Fact]
    public async Task Run_WithASuspendedParty_GoesOnWithoutItAndItsOrderIsNotWaitedFor()
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        await remote.Parties[1].Parties.SetStandingAsync("south", PartyStanding.Suspended);

        remote.Work(remote.Parties[0], remote.Parties[2]);
        var run = await remote.Cluster.RunAsync(RemoteFederation.Request("mf"));

        Assert.Equal(RunPhase.Completed, run.Phase);
        var record = await remote.Parties[1].Twin.GetAsync();
        Assert.Equal((PartyStanding.Suspended, 0L), (record!.Standing, record.Counted));
        Assert.True(record.Refused > 0);
    }

    [Theory]
    [InlineData("ease")]
    [InlineData("mf")]
    public async Task Run_OfWhichAPartyRefusesEveryOrder_GoesOnWithoutIt_AndSaysWhy(string learner)
    {
        await using var remote = await RemoteFederation.StartAsync(2);
        var (north, reason) = (remote.Parties[0], "it is \u001b[2Jno\u202e ease here: " + new string('x', 600));
        remote.Work(remote.Parties[1], remote.Parties[2]);

        var started = await remote.Cluster.StartRunAsync(RemoteFederation.Request(learner) with { PartyLabels = "tier=2" });
        var refusing = RefuseAsync();
        var run = await remote.Cluster.WaitAsync(RemoteFederation.Name, started.RunId);
        await remote.Stopping.CancelAsync();
        await refusing;

        Assert.Equal(RunPhase.Completed, run.Phase);
        Assert.All(run.Rounds.Where(round => round.Resting == 0), round => Assert.Equal((2, 1), (round.Participants, round.Dropped)));
        var record = (await north.Twin.GetAsync())!;
        Assert.Equal((0L, Math.Min(run.RoundsDone, 3)), (record.Counted, record.Refusals.Length)); // three times, and it is left alone
        Assert.All(record.Refusals, refusal => Assert.Equal("it is \ufffd[2Jno\ufffd ease here: ", refusal.Reason[..25]));
        Assert.All(record.Refusals, refusal => Assert.Equal(PartyRefusal.LongestReason, refusal.Reason.Length));
        var events = (await remote.Cluster.Grains.GetGrain<IRunGrain>($"{RemoteFederation.Name}/{run.RunId}").ReadEventsAsync(0, TimeSpan.Zero)).Events;
        Assert.Equal(record.Refusals.Select(refusal => (refusal.Update.Round, $"north refused: {refusal.Reason}")), events.Where(one => one.Kind == "party.refused").Select(one => (one.Round, one.Text!)));

        async Task RefuseAsync()
        {
            while (!remote.Stopping.IsCancellationRequested)
            {
                if (await north.Twin.PollAsync(TimeSpan.FromMilliseconds(200)) is { } order)
                {
                    var isHeard = order.Evaluation is { } evaluation ? await north.Twin.EvaluatedAsync(evaluation.Id, ReadOnlyMemory<byte>.Empty) : await north.Twin.RefuseAsync(order.Update, reason);
                    if (isHeard && order.Evaluation is null) // on a busy machine it may have been asked anew meanwhile, which the next poll tells
                    {
                        Assert.True(await north.Twin.RefuseAsync(order.Update, "again, for whoever has not heard the answer"));
                    }
                }
            }
        }
    }

    [Fact]
    public async Task Run_WhosePartySumsMoreUsersThanItHas_TakesNoneOfThem()
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        var (north, lies) = (remote.Parties[0], 0);
        using var everybody = new RemoteTrainer(TestFederation.Parts, remote.Rows.Values.SelectMany(rows => rows));
        remote.Work(remote.Parties[1], remote.Parties[2]);

        var started = await remote.Cluster.StartRunAsync(RemoteFederation.Request("ease"));
        var lying = LieAsync();
        var run = await remote.Cluster.WaitAsync(RemoteFederation.Name, started.RunId);
        await remote.Stopping.CancelAsync();
        await lying;

        Assert.Equal(RunPhase.Completed, run.Phase);
        Assert.True(lies > 0);
        Assert.All(run.Evaluations, evaluation => Assert.InRange(evaluation.Users, 1, 60));

        async Task LieAsync()
        {
            while (!remote.Stopping.IsCancellationRequested)
            {
                await north.AdmitAsync();
                if (await north.Twin.PollAsync(TimeSpan.FromMilliseconds(200)) is { } order)
                {
                    if (order.Evaluation is { } evaluation)
                    {
                        var sums = await everybody.EvaluateAsync(RemoteTrainer.Checked(order), await north.FetchAsync(order.CatalogueSha256), await north.FetchAsync(order.ModelSha256));
                        Assert.Contains("No 20 users can have these sums.", (await Assert.ThrowsAsync<ArgumentException>(() => north.Twin.EvaluatedAsync(evaluation.Id, sums))).Message, StringComparison.Ordinal);
                        lies++;
                    }

                    await north.DoAsync(order);
                }
            }
        }
    }

    // The party that is slow costs the first round its whole deadline, and each one after it a second; what it sends then counts nowhere.
    [Fact]
    public async Task Run_WithAnAdaptiveDeadline_WaitsForASlowPartyNoLongerThanTheOthersTook()
    {
        await using var remote = await RemoteFederation.StartAsync(2);
        var (north, request) = (remote.Parties[0], RemoteFederation.Request("mf"));
        remote.Work(remote.Parties[1], remote.Parties[2]);

        var started = await remote.Cluster.StartRunAsync(request with { Rounds = request.Rounds with { Count = 3, VirtualTime = false, AdaptiveDeadline = true, Deadline = TimeSpan.FromSeconds(6), Quorum = 0.5 } });
        PartyOrder? first;
        do
        {
            first = await north.Twin.PollAsync(TimeSpan.FromSeconds(5));
        }
        while (first is not { Evaluation: null });

        var update = await north.TrainAsync(first);
        var run = await remote.Cluster.WaitAsync(RemoteFederation.Name, started.RunId);
        var sent = await north.SendAsync(first, update);

        Assert.Equal((RunPhase.Completed, 3), (run.Phase, run.RoundsDone));
        Assert.Equal(6, run.Rounds[0].DeadlineSeconds);
        Assert.All(run.Rounds.Skip(1), round => Assert.InRange(round.DeadlineSeconds, 1, 5.99));
        Assert.All(run.Rounds, round => Assert.Equal((2, 1), (round.Participants, round.Late)));
        Assert.Equal((PartyUpdateFault.NotAsked, 0L), (sent.Fault, (await north.Twin.GetAsync())!.Counted));
    }

    [Fact]
    public async Task Run_WhoseEvaluationsAPartyRefuses_GoesOnWithoutItsSums_AndTellsWhy()
    {
        await using var remote = await RemoteFederation.StartAsync(2);
        var (north, refused) = (remote.Parties[0], 0);
        remote.Work(remote.Parties[1], remote.Parties[2]);
        var working = WorkAsync();
        var all = remote.Parties.Sum(party => party.Trainer.Report.Users);

        var run = await remote.Cluster.RunAsync(RemoteFederation.Request("mf"));
        await remote.Stopping.CancelAsync();
        await working;

        Assert.Equal((RunPhase.Completed, 4), (run.Phase, run.RoundsDone));
        Assert.All(run.Evaluations, evaluation => Assert.InRange(evaluation.Users, 1, all - north.Trainer.Report.Users));
        var record = (await north.Twin.GetAsync())!;
        Assert.Equal((4L, (long)refused, refused), (record.Counted, record.Refused, record.Runs.Single().Refused));
        Assert.Equal(Enumerable.Repeat(("run-1", true), refused), record.Refusals.Select(refusal => (refusal.Update.Run, refusal.OfEvaluation)));
        Assert.All(record.Refusals, refusal => Assert.Contains("\ufffdlooked at", refusal.Reason, StringComparison.Ordinal));
        var events = (await remote.Cluster.Grains.GetGrain<IRunGrain>($"{RemoteFederation.Name}/run-1").ReadEventsAsync(0, TimeSpan.Zero)).Events;
        Assert.Equal(record.Refusals.Select(refusal => $"north refused: an evaluation: {refusal.Reason}"), events.Where(one => one.Kind == "party.refused").Select(one => one.Text));
        Assert.NotEqual(0, refused);

        async Task WorkAsync()
        {
            while (!remote.Stopping.IsCancellationRequested)
            {
                await north.AdmitAsync();
                var order = await north.Twin.PollAsync(TimeSpan.FromMilliseconds(200));
                if (order?.Evaluation is not { } evaluation)
                {
                    await (order is null ? Task.CompletedTask : north.DoAsync(order));
                    continue;
                }

                refused++;
                var (first, again) = (north.Twin.RefuseEvaluationAsync(evaluation.Id, "not \u0007looked at"), north.Twin.RefuseEvaluationAsync(evaluation.Id, "again not \u0007looked at, by whoever has not heard the answer"));
                Assert.True(await first && await again);
                Assert.False(await north.Twin.RefuseEvaluationAsync(Guid.NewGuid(), "of another evaluation"));
            }
        }
    }

    [Theory]
    [InlineData("ease", 0)]
    [InlineData("mf", 0)]
    [InlineData("mf", 1)]
    public async Task Run_WithPartiesSelectedByLabels_IsThatOfAFederationOfThem_AndAsksNobodyElse(string learner, int cohort)
    {
        await using var remote = await RemoteFederation.StartAsync(2);
        await remote.FillCatalogueAsync("pair");
        LocalParty[] pair = [.. new[] { "north", "west" }.Select(name => new LocalParty(remote.Cluster.Grains, "pair", name, remote.Rows[name]))];
        foreach (var party in pair)
        {
            await party.EnterAsync();
        }

        remote.Work([.. remote.Parties, .. pair]);
        var selected = await remote.Cluster.RunAsync(Of(RemoteFederation.Name) with { PartyLabels = "tier=2,region=eu" });
        var alone = await remote.Cluster.RunAsync(Of("pair"));

        Assert.Equal((RunPhase.Completed, 2, 40), (selected.Phase, selected.Clients, selected.Users));
        var records = await remote.Cluster.Grains.GetGrain<IPartiesGrain>(RemoteFederation.Name).ListAsync();
        Assert.Equal((0L, 0L, selected.RoundsDone * (cohort == 0 ? 2L : cohort)), (records[1].Counted, records[1].Refused, records.Sum(party => party.Counted)));
        Assert.Equal([selected.RunId, null, selected.RunId], records.Select(party => party.Runs.SingleOrDefault(run => run.LastRound == selected.RoundsDone || cohort > 0)?.Run));
        Assert.Equal(records.Select(party => (int)party.Counted), records.Select(party => party.Runs.Sum(run => run.Counted)));
        if (cohort == 0) // other numbers are drawn otherwise
        {
            Assert.Equal(alone.Sha256, selected.Sha256);
        }

        Array.ForEach(pair, party => party.Dispose());

        RunRequest Of(string federation) => RemoteFederation.Request(learner, federation) is var request && cohort > 0 ? request with { Rounds = request.Rounds with { CohortSize = cohort } } : request;
    }

    [Fact]
    public async Task Run_WithPartiesSelectedByLabels_OfWhichOneFailsAgainAndAgain_StillAsksNobodyElse()
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        var (north, request) = (remote.Parties[0], RemoteFederation.Request("mf"));
        var receipt = await remote.Cluster.StartRunAsync(request with { PartyLabels = "region=eu", Rounds = request.Rounds with { Count = 8, Quorum = 0.5 } });
        Assert.Equal(RunOutcome.Started, receipt.Outcome);
        await Waiting.UntilAsync(async () => await north.Twin.PollAsync(TimeSpan.FromSeconds(5)) is { Evaluation: null }); // it is asked to evaluate first, which it is not there for

        await north.Parties.SetStandingAsync("north", PartyStanding.Suspended); // from now on it drops out: after three times it is left alone
        remote.Work(remote.Parties[1], remote.Parties[2]);

        var run = await remote.Cluster.WaitAsync(RemoteFederation.Name, receipt.RunId);
        Assert.Equal((RunPhase.Completed, 8), (run.Phase, run.RoundsDone));
        Assert.Contains(run.Rounds, round => round.Resting > 0);
        Assert.Equal((0L, 8L), ((await remote.Parties[1].Twin.GetAsync())!.Counted, (await remote.Parties[2].Twin.GetAsync())!.Counted));
    }

    [Fact]
    public async Task Start_WithLabelsThatNoPartyHas_IsRefusedAndLeavesNoTrace()
    {
        await using var remote = await RemoteFederation.StartAsync(1);

        var receipt = await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf") with { PartyLabels = "region=asia" });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains("has the label region=asia. There are north (region=eu,tier=2); south (region=us,tier=2)", receipt.Message, StringComparison.Ordinal);
        Assert.Empty((await remote.Cluster.Grains.GetGrain<IFederationGrain>(RemoteFederation.Name).GetSummaryAsync()).Runs);
    }

    [Theory]
    [InlineData("mf", "scaffold")]
    public async Task Start_OfARunThatRemotePartiesCannotDo_IsRefusedAndLeavesNoTrace(string learner, string option)
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        var request = RemoteFederation.Request(learner);

        var receipt = await remote.Cluster.StartRunAsync(request with
        {
            LearnerOptions = request.LearnerOptions.Add("objective", "logistic").Add(option, "on"),
            ServerOptimizer = new ServerOptimizerSettings { Name = "sgd", LearningRate = 1 },
            Rounds = request.Rounds with { Weighting = "uniform" },
        });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains("keep something from round to round, which parties with a process of their own do not do yet", receipt.Message, StringComparison.Ordinal);
        Assert.Empty((await remote.Cluster.Grains.GetGrain<IFederationGrain>(RemoteFederation.Name).GetSummaryAsync()).Runs);
    }
}
