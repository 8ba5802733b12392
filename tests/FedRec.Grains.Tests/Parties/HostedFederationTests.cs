using System.Collections.Immutable;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Parties;

/// <summary>A federation whose clients keep their data themselves is filled, trained, evaluated and served without any data to load.</summary>
public sealed class HostedFederationTests
{
    [Theory]
    [InlineData("ease", 1)]
    [InlineData("ease", 2)]
    [InlineData("mf", 1)]
    [InlineData("mf", 2)]
    [InlineData("two-tower", 1)]
    public async Task Run_OfTheSameInteractions_GivesTheBytesAndMetricsOfASimulation(string learner, short silos)
    {
        using var rows = new HostedRows(users: 200, items: 60);
        await using var federation = await TestFederation.StartAsync(silos);

        var simulated = await federation.RunAsync(Request("loaded", learner) with { HoldOutValidation = true }, new DataSpec { Path = rows.FilePath });
        await ImportAsync(federation, "hosted", rows.Changes);
        var hosted = await federation.RunAsync(Request("hosted", learner) with { HoldOutValidation = true });

        var (loaded, own) = (await ManifestAsync(federation, "loaded"), await ManifestAsync(federation, "hosted"));
        Assert.Equal((simulated.Clients, simulated.Items, RunPhase.Completed), (hosted.Clients, hosted.Items, hosted.Phase));
        Assert.Equal(loaded.Sha256, own.Sha256);
        Assert.Equal(Found(loaded, "validation"), Found(own, "validation"));
        Assert.Equal(Found(loaded, "test"), Found(own, "test"));
        Assert.NotEmpty(Found(own, "test"));
    }

    [Fact]
    public async Task Recommend_AUserOfAHostedFederation_GoesByAllTheUserDidAndNamesNothingMet()
    {
        using var rows = new HostedRows(users: 60, items: 40);
        await using var federation = await TestFederation.StartAsync(2);
        await ImportAsync(federation, "hosted", rows.Changes);
        await federation.RunAsync(Request("hosted", "ease"));
        var recommender = federation.Grains.GetGrain<IRecommenderGrain>("hosted");
        var (user, met) = (rows.Changes[0].User, rows.Changes.Where(change => change.User == rows.Changes[0].User).Select(change => change.Item!).ToList());

        var before = await recommender.RecommendAsync(new RecommendationQuery(user, 10, Explain: true, 0));
        await History(federation, "hosted").RecordAsync(new HistoryChange(user, HistoryChangeKind.Added, before.Items[0].Item));
        var after = await recommender.RecommendAsync(new RecommendationQuery(user, 10, Explain: true, 0));
        var unknown = await recommender.RecommendAsync(new RecommendationQuery("nobody", 10, Explain: false, 0));

        Assert.Equal(RecommendationOutcome.Found, before.Outcome);
        Assert.NotEmpty(before.Items[0].Reasons);
        Assert.DoesNotContain(before.Items, item => met.Contains(item.Item));
        Assert.DoesNotContain(after.Items, item => item.Item == before.Items[0].Item);
        Assert.Equal(RecommendationOutcome.UnknownUser, unknown.Outcome);
        Assert.Contains("no user 'nobody'", unknown.Reason, StringComparison.Ordinal);
        var popular = rows.Changes.GroupBy(change => change.User).SelectMany(own => own.OrderBy(change => change.Time).SkipLast(1)) // the last one is held out
            .CountBy(change => change.Item!).OrderByDescending(item => item.Value).ToArray();
        Assert.Equal(popular.Take(10).Select(item => (float)item.Value), unknown.Items.Select(item => item.Score));
        Assert.All(unknown.Items, item => Assert.Equal(popular.Single(one => one.Key == item.Item).Value, item.Score));
    }

    [Fact]
    public async Task Record_NewUsersAndItemsWhileTrained_AreServedAtOnceAndTrainedNext()
    {
        using var rows = new HostedRows(users: 40, items: 30);
        await using var federation = await TestFederation.StartAsync(1);
        await ImportAsync(federation, "hosted", rows.Changes);
        var first = await federation.RunAsync(Request("hosted", "ease"));
        var history = History(federation, "hosted");

        foreach (var item in new[] { rows.Changes[0].Item!, rows.Changes[1].Item!, "new-item" })
        {
            Assert.Equal(HistoryOutcome.Recorded, (await history.RecordAsync(new HistoryChange("newcomer", HistoryChangeKind.Added, item))).Outcome);
        }

        var served = await federation.Grains.GetGrain<IRecommenderGrain>("hosted").RecommendAsync(new RecommendationQuery("newcomer", 5, Explain: false, 0));
        var second = await federation.RunAsync(Request("hosted", "ease"));

        Assert.Equal(RecommendationOutcome.Found, served.Outcome);
        Assert.Equal((first.Clients + 1, first.Items + 1), (second.Clients, second.Items));
        var items = await federation.Grains.GetGrain<IRecommenderGrain>("hosted").RecommendAsync(new RecommendationQuery(rows.Changes[2].User, 1_000, Explain: false, Version: 2));
        Assert.Contains(items.Items, item => item.Item == "new-item");
    }

    [Fact]
    public async Task Import_Again_RecordsNothingTwiceAndChangesNoModel()
    {
        using var rows = new HostedRows(users: 30, items: 20);
        await using var federation = await TestFederation.StartAsync(1);
        var first = await ImportAsync(federation, "hosted", rows.Changes);
        await federation.RunAsync(Request("hosted", "mf"));
        var second = await ImportAsync(federation, "hosted", rows.Changes);
        await federation.RunAsync(Request("hosted", "mf"));

        Assert.Equal((rows.Changes.Length, 30, 20), (first.Recorded, first.Users, first.Items));
        Assert.Equal((0, 30, 20), (second.Recorded, second.Users, second.Items));
        Assert.Equal((await ManifestAsync(federation, "hosted", 1)).Sha256, (await ManifestAsync(federation, "hosted", 2)).Sha256);
    }

    [Fact]
    public async Task Federation_AfterARestart_HasItsUsersItemsHistoriesAndVersion()
    {
        using var rows = new HostedRows(users: 40, items: 30);
        var (states, models, query) = (new SurvivingStorage(), new MemoryModelStore(), new RecommendationQuery(rows.Changes[0].User, 10, Explain: true, 0));
        RecommendationAnswer before;
        await using (var federation = await TestFederation.StartAsync(1, states, models))
        {
            await ImportAsync(federation, "hosted", rows.Changes);
            await federation.RunAsync(Request("hosted", "mf"));
            before = await federation.Grains.GetGrain<IRecommenderGrain>("hosted").RecommendAsync(query);
        }

        await using var again = await TestFederation.StartAsync(2, states, models);
        var after = await again.Grains.GetGrain<IRecommenderGrain>("hosted").RecommendAsync(query);
        await again.RunAsync(Request("hosted", "mf"));

        Assert.Equal(before.Items.Select(item => (item.Item, item.Score)), after.Items.Select(item => (item.Item, item.Score)));
        Assert.Equal((await ManifestAsync(again, "hosted", 1)).Sha256, (await ManifestAsync(again, "hosted", 2)).Sha256);
    }

    [Fact]
    public async Task Run_CutOffInTheMiddleWhileUsersGoOn_GivesTheBytesOfOneUndisturbed()
    {
        using var rows = new HostedRows(users: 40, items: 30);
        var (states, models, request) = (new SurvivingStorage(), new MemoryModelStore(), Request("test", "mf") with { Rounds = new RoundSettings { Count = 40, PublishEvery = 1 } });
        await using (var undisturbed = await TestFederation.StartAsync(1))
        {
            await ImportAsync(undisturbed, "test", rows.Changes);
            await undisturbed.RunAsync(request);
            var expected = await ManifestAsync(undisturbed, "test");

            await using (var first = await TestFederation.StartAsync(1, states, models))
            {
                await ImportAsync(first, "test", rows.Changes);
                await first.StartRunAsync(request);
                await first.WaitForCheckpointAsync();
                var (user, met) = (rows.Changes[0].User, rows.Changes.Where(change => change.User == rows.Changes[0].User).Select(change => change.Item!).ToHashSet());
                foreach (var item in new[] { "later", rows.Changes.First(change => !met.Contains(change.Item!)).Item! }) // one that the run does not know, and one that it does
                {
                    Assert.Equal(HistoryOutcome.Recorded, (await History(first, "test").RecordAsync(new HistoryChange(user, HistoryChangeKind.Added, item))).Outcome);
                }

                Assert.Equal(HistoryOutcome.Recorded, (await History(first, "test").RecordAsync(new HistoryChange("newcomer", HistoryChangeKind.Added, rows.Changes[0].Item))).Outcome);
            }

            await using var second = await TestFederation.StartAsync(2, states, models);
            var status = await second.WaitAsync("test", "run-1");

            Assert.Equal((RunPhase.Completed, 40), (status.Phase, status.Clients));
            Assert.Equal(expected.Sha256, (await ManifestAsync(second, "test")).Sha256);
        }
    }

    internal static RunRequest Request(string federation, string learner) => new()
    {
        Federation = federation,
        Learner = learner,
        LearnerOptions = learner == "ease" ? ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20").Add("recency", "5").Add("kernel", "10")
            : ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8"),
        Rounds = new RoundSettings { Count = learner == "ease" ? 0 : 4 },
    };

    internal static async Task<ImportReceipt> ImportAsync(TestFederation federation, string name, ImmutableArray<HistoryChange> changes)
    {
        var receipt = await History(federation, name).ImportAsync(changes);
        Assert.True(receipt.Outcome == HistoryOutcome.Recorded, receipt.Message);
        return receipt;
    }

    internal static IHistoryGrain History(TestFederation federation, string name) => federation.Grains.GetGrain<IHistoryGrain>(name);

    internal static async Task<ModelManifest> ManifestAsync(TestFederation federation, string name, long version = 1) =>
        (await federation.Grains.GetGrain<IModelGrain>(name).GetManifestAsync(version))!;

    internal static (string, double)[] Found(ModelManifest manifest, string split) =>
        [.. manifest.Measurements.Single(one => one.Split == split).Metrics.Where(metric => metric.Key.StartsWith("hr@", StringComparison.Ordinal) || metric.Key.StartsWith("ndcg@", StringComparison.Ordinal))
            .Select(metric => (metric.Key, metric.Value))];
}
