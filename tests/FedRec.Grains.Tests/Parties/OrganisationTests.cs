using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Parties;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Parties;

/// <summary>Organisations keep what their users did, each in one grain, and are clients with many users.</summary>
public sealed class OrganisationTests : IDisposable
{
    private const long Start = 1_700_000_000_000;
    private static readonly string[] s_names = ["north", "south", "west"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("organisations-");
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("ease", 1, 150)]
    [InlineData("mf", 2, 150)]
    [InlineData("mf", 1, 900)] // organisations of more than 1,024 interactions with many examples each: weights are limited by their size
    public async Task Run_OfOrganisations_GivesTheBytesAndMetricsOfASimulationOfTheSameRowsWithTheSameParties(string learner, short silos, int users)
    {
        var rows = Rows(users, items: 60);
        WriteParties(rows);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await ImportAsync(federation, "hosted", rows);
        }

        await using var again = await TestFederation.StartAsync(silos, _states, _models);
        var plain = HostedFederationTests.Request("hosted", learner);
        var request = plain with { LearnerOptions = users > 150 ? plain.LearnerOptions.Add("objective", "logistic").Add("negatives", "12") : plain.LearnerOptions, Patience = learner == "mf" ? 3 : 0, EvaluateEvery = learner == "mf" ? 1 : 0 };
        var hosted = await again.RunAsync(request);
        var loaded = await again.RunAsync(request with { Federation = "loaded" }, new DataSpec { Path = _folder.FullName });

        Assert.Equal((3, users, 60, RunPhase.Completed), (hosted.Clients, hosted.Users, hosted.Items, hosted.Phase));
        Assert.Equal((loaded.Clients, loaded.Users, loaded.Items, loaded.Sha256), (hosted.Clients, hosted.Users, hosted.Items, hosted.Sha256));
        var (one, other) = (await HostedFederationTests.ManifestAsync(again, "loaded"), await HostedFederationTests.ManifestAsync(again, "hosted"));
        Assert.Equal(HostedFederationTests.Found(one, "test"), HostedFederationTests.Found(other, "test"));
        Assert.NotEmpty(HostedFederationTests.Found(other, "test"));
    }

    [Fact]
    public async Task Record_AnEventOfAnOrganisationWithManyEvents_CostsItsOwnBytes()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        HistoryChange[] many = [.. Enumerable.Range(0, 50_000).Select(i => Event($"u{i % 900}", $"i{i % 400}", i))];
        await ImportOfAsync(federation, "own", "north", [.. many.Take(1_000)]);
        var before = Written();
        await ImportOfAsync(federation, "own", "north", [.. many.Skip(1_000)]);
        var bulk = (Written() - before) / 49_000.0;
        before = Written();
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(HistoryOutcome.Recorded, (await HostedFederationTests.History(federation, "own").RecordAsync(Event($"north/u{i}", $"i{i}", 100_000 + i))).Outcome);
        }

        var single = (Written() - before) / 300.0;
        var stored = _states.Stored.Where(record => record.Key.StartsWith("history-", StringComparison.Ordinal)).Sum(record => record.Value.Length);
        Assert.True(bulk < 1.1 * stored / 50_000, $"{bulk} bytes for an event of a bulk import, {stored / 50_000.0} stored");
        Assert.True(_states.Sizes.Max(write => write.Bytes) < 1.1 * 4_096 * bulk, $"{_states.Sizes.Max(write => write.Bytes)} bytes in one write");
        Assert.True(single < 256 * bulk, $"{single} bytes for a single event, of a history of 50,000 ({stored} bytes)"); // half of a head on average
    }

    [Fact]
    public async Task Import_CutOffAtEachStepAndRepeated_EndsAsIfItHadNotBeen()
    {
        var rows = Rows(users: 150, items: 60); // more than a head holds
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            foreach (var state in new[] { "catalogue", "registry-0", "history-0", "organisation", "organisation" })
            {
                _states.FailWritesOf = state;
                await Assert.ThrowsAnyAsync<Exception>(() => ImportAsync(federation, "cut", rows));
            }

            _states.FailWritesOf = null;
            _states.OnWrite = state => _states.FailWritesOf = state == "organisation" ? "registry-0" : _states.FailWritesOf; // recorded, and its size not noted
            await Assert.ThrowsAnyAsync<Exception>(() => ImportAsync(federation, "cut", rows));
            (_states.OnWrite, _states.FailWritesOf) = (_ => { }, null);
            await ImportAsync(federation, "cut", rows);
            await ImportAsync(federation, "whole", rows);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        var cut = await again.RunAsync(HostedFederationTests.Request("cut", "mf"));
        var whole = await again.RunAsync(HostedFederationTests.Request("whole", "mf"));

        Assert.Equal((whole.Sha256, whole.Users, whole.Source.Hosted), (cut.Sha256, cut.Users, cut.Source.Hosted));
    }

    [Fact]
    public async Task Import_OfAnOrganisationAndOfUsersWhoseIdsBeginWithItsName_IsRefusedForWhicheverComesSecond()
    {
        ImmutableArray<HistoryChange> own = [Event("42", "i1", 1)], alone = [Event("north/42", "i2", 2), Event("east/7", "i2", 2)];
        await using (var federation = await TestFederation.StartAsync(1, _states))
        {
            await HostedFederationTests.ImportAsync(federation, "users", alone);
            await ImportOfAsync(federation, "organisations", "north", own);
        }

        await using var again = await TestFederation.StartAsync(2, _states);
        var before = _states.Stored;
        var organisation = await HostedFederationTests.History(again, "users").ImportOfAsync("north", own);
        var users = await HostedFederationTests.History(again, "organisations").ImportAsync(alone);
        var after = _states.Stored;
        var member = await HostedFederationTests.History(again, "organisations").RecordAsync(Event("north/43", "i1", 3));
        var user = await HostedFederationTests.History(again, "users").RecordAsync(Event("north/42", "i3", 4));

        Assert.Equal((HistoryOutcome.Unfit, HistoryOutcome.Unfit), (organisation.Outcome, users.Outcome));
        Assert.Contains("ids begin with 'north/'; use another name", organisation.Message, StringComparison.Ordinal);
        Assert.Contains("'north/42' would be taken for a user of organisation 'north'", users.Message, StringComparison.Ordinal);
        Assert.All(before, record => Assert.Equal(record.Value, after[record.Key])); // a refused import leaves no trace
        Assert.Equal((HistoryOutcome.Recorded, HistoryOutcome.Recorded), (member.Outcome, user.Outcome));
        Assert.Equal((2, 1), (await again.Grains.GetGrain<IRegistryGrain>("users").CountAsync(), await again.Grains.GetGrain<IRegistryGrain>("organisations").CountAsync()));
    }

    [Fact]
    public async Task Import_OfUsersOfWhomALaterOneIsRefused_TakesNoName()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        await ImportOfAsync(federation, "own", "north", [Event("42", "i1", 1)]);
        var before = _states.Stored;

        var refused = await HostedFederationTests.History(federation, "own").ImportAsync([Event("east/7", "i2", 2), Event("west/7", "i2", 2), Event("north/42", "i2", 2)]);

        Assert.Equal(HistoryOutcome.Unfit, refused.Outcome);
        Assert.Equal(before.OrderBy(record => record.Key), _states.Stored.OrderBy(record => record.Key));
        await ImportOfAsync(federation, "own", "east", [Event("42", "i1", 1)]);
    }

    [Fact]
    public async Task Import_SomeWithRatingsAndSomeWithout_BeginsNoFederation()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);

        var refused = await HostedFederationTests.History(federation, "own").ImportAsync([Event("a", "i1", 1) with { Rating = 3 }, Event("b", "i2", 2)]);

        Assert.Equal(HistoryOutcome.Unfit, refused.Outcome);
        Assert.Contains("That of user 'a' with item 'i1' has a rating, and that of user 'b' with item 'i2' none", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_states.Stored);
    }

    [Fact]
    public async Task Record_OfMoreOrganisationsThanHaveRoom_DropsWhatWasUsedLongestAgoAndReadsItAgain()
    {
        var open = new OpenHistories(mostEvents: 1_000);
        await using var federation = await TestFederation.StartAsync(1, _states, configure: silo => silo.Services.AddSingleton(open));
        var recorded = 0;
        foreach (var (name, place) in new[] { "a", "b", "c", "a", "c", "b" }.Select((name, place) => (name, place))) // each has 450 events, and 450 more
        {
            ImmutableArray<HistoryChange> events = [.. Enumerable.Range(0, 450).Select(i => Event($"u{i % 9}", $"i{i % 50}", i + (place / 3 * 450)))];
            recorded += (await ImportOfAsync(federation, "own", name, events)).Recorded;
            Assert.Equal(0, (await ImportOfAsync(federation, "own", name, events)).Recorded); // all that it has is known
            Assert.InRange(open.Events, 450, 1_000);
        }

        var status = await federation.RunAsync(HostedFederationTests.Request("own", "ease"));

        Assert.Equal((2_700, 3, 27), (recorded, status.Clients, status.Users));
        await federation.Grains.GetGrain<IOrganisationGrain>(GrainKeys.User("own", new UserKey(await federation.Grains.GetGrain<IUserRegistryGrain>("own").GetKeyAsync()).OfOrganisation("b")))
            .Cast<Orleans.Core.Internal.IGrainManagementExtension>().DeactivateOnIdle();
        await Waiting.UntilAsync(() => open.Events == 0); // the only one that was left is dropped with its grain
    }

    [Fact]
    public async Task Import_Again_RecordsNothingTwice()
    {
        var rows = Rows(users: 30, items: 20);
        await using var federation = await TestFederation.StartAsync(1);

        var first = await ImportAsync(federation, "own", rows);
        var second = await ImportAsync(federation, "own", rows);

        Assert.Equal((rows.Values.Sum(own => own.Length), 0, 3, 20), (first, second, await federation.Grains.GetGrain<IRegistryGrain>("own").CountAsync(), await federation.Grains.GetGrain<ICatalogueGrain>("own").CountAsync()));
    }

    [Fact]
    public async Task Import_AgainAfterARestart_OfManySegments_FindsEveryEvent()
    {
        ImmutableArray<HistoryChange> many = [.. Enumerable.Range(0, 10_000).Select(i => Event($"u{i % 300}", $"i{i % 70}", i))];
        await using (var federation = await TestFederation.StartAsync(1, _states))
        {
            await ImportOfAsync(federation, "own", "north", many[..100]);
            Assert.Equal(9_900, (await ImportOfAsync(federation, "own", "north", many)).Recorded);
        }

        await using var again = await TestFederation.StartAsync(1, _states);
        Assert.Equal(0, (await ImportOfAsync(again, "own", "north", many)).Recorded);
        Assert.Equal(3, _states.Stored.Keys.Count(key => key.StartsWith("history-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Recommend_AUserOfAnOrganisation_GoesByThatUserAlone()
    {
        var rows = Rows(users: 60, items: 40);
        rows = rows.SetItem("south", [.. rows["south"], .. Enumerable.Range(0, 5).Select(i => Event(rows["north"][^1].User, $"new{i}", 900 + i))]); // somebody else of the same id
        await using var federation = await TestFederation.StartAsync(2);
        await ImportAsync(federation, "own", rows);
        await federation.RunAsync(HostedFederationTests.Request("own", "ease"));
        var (user, met) = (rows["north"][^1].User, rows["north"].Where(change => change.User == rows["north"][^1].User).Select(change => change.Item!).ToList());

        var north = await RecommendAsync(federation, $"north/{user}");
        var south = await RecommendAsync(federation, $"south/{user}");
        await HostedFederationTests.History(federation, "own").RecordAsync(new HistoryChange($"north/{user}", HistoryChangeKind.Added, north.Items[0].Item));
        var after = await RecommendAsync(federation, $"north/{user}");
        await HostedFederationTests.History(federation, "own").RecordAsync(new HistoryChange($"north/{user}", HistoryChangeKind.Removed, north.Items[0].Item));
        var back = await RecommendAsync(federation, $"north/{user}");
        var (nobody, nowhere) = (await RecommendAsync(federation, "north/nobody"), await RecommendAsync(federation, $"east/{user}"));

        Assert.Equal((RecommendationOutcome.Found, RecommendationOutcome.Found), (north.Outcome, south.Outcome));
        Assert.DoesNotContain(north.Items, item => met.Contains(item.Item));
        Assert.DoesNotContain(south.Items, item => item.Item.StartsWith("new", StringComparison.Ordinal));
        Assert.DoesNotContain(after.Items, item => item.Item == north.Items[0].Item);
        Assert.Equal(north.Items.Select(item => (item.Item, item.Score)), back.Items.Select(item => (item.Item, item.Score)));
        Assert.Equal((RecommendationOutcome.UnknownUser, RecommendationOutcome.UnknownUser), (nobody.Outcome, nowhere.Outcome));
        Assert.Equal(HistoryOutcome.UnknownUser, (await HostedFederationTests.History(federation, "own").RecordAsync(new HistoryChange("north/nobody", HistoryChangeKind.Removed, met[0]))).Outcome);
    }

    [Fact]
    public async Task Record_WhatComesAfterARunHasAsked_IsNoPartOfItAndOfTheNext()
    {
        var rows = Rows(users: 40, items: 30);
        await using var federation = await TestFederation.StartAsync(1);
        await ImportAsync(federation, "plain", rows);
        await ImportAsync(federation, "own", rows);
        var key = new UserKey(await federation.Grains.GetGrain<IUserRegistryGrain>("own").GetKeyAsync()).OfOrganisation("north");
        var user = rows["north"][0].User;

        await federation.Grains.GetGrain<IOrganisationGrain>(GrainKeys.User("own", key)).AskAsync(run: 1); // the run has begun, and no federation has listed it yet
        await HostedFederationTests.History(federation, "own").RecordAsync(Event($"north/{user}", rows["south"].First(change => rows["north"].All(own => own.User != user || own.Item != change.Item)).Item!, 0));
        var plain = await federation.RunAsync(HostedFederationTests.Request("plain", "mf"));
        var first = await federation.RunAsync(HostedFederationTests.Request("own", "mf"));
        var second = await federation.RunAsync(HostedFederationTests.Request("own", "mf"));

        Assert.Equal(plain.Sha256, first.Sha256);
        Assert.NotEqual(plain.Sha256, second.Sha256);
    }

    [Fact]
    public async Task Forget_AUserOfAnOrganisation_ErasesTheUserFromAllSegmentsAndTheNextRun()
    {
        var rows = Rows(users: 150, items: 60); // more than a head holds
        var (user, others) = (rows["north"][0].User, rows.SetItem("north", [.. rows["north"].Where(change => change.User != rows["north"][0].User)]));
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await federation.Grains.GetGrain<IFederationGrain>("without").HostAsync(hasRatings: false);
            await federation.Grains.GetGrain<ICatalogueGrain>("without").AddAsync([.. s_names.SelectMany(name => rows[name]).Select(change => new CatalogueItem(change.Item!, null, []))]);
            await ImportAsync(federation, "without", others);
            await ImportAsync(federation, "own", rows);
            var bytes = Stored();
            var receipt = await HostedFederationTests.History(federation, "own").RecordAsync(new HistoryChange($"north/{user}", HistoryChangeKind.Forgotten));
            Assert.Equal(HistoryOutcome.Recorded, receipt.Outcome);
            Assert.True(Stored() < bytes, "nothing was erased");
            Assert.Equal((await federation.Grains.GetGrain<IRegistryGrain>("without").ReadAsync(0)).Users, (await federation.Grains.GetGrain<IRegistryGrain>("own").ReadAsync(0)).Users);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        await ImportAsync(again, "own", rows); // brings nothing back
        var own = await again.RunAsync(HostedFederationTests.Request("own", "mf"));
        var without = await again.RunAsync(HostedFederationTests.Request("without", "mf"));

        Assert.Equal(without.Sha256, own.Sha256);
        Assert.Equal(RecommendationOutcome.UserForgotten, (await RecommendAsync(again, $"north/{user}")).Outcome);
        Assert.Equal(HistoryOutcome.UnknownUser, (await HostedFederationTests.History(again, "own").RecordAsync(new HistoryChange("north/nobody", HistoryChangeKind.Forgotten))).Outcome);
        Assert.DoesNotContain(_states.Stored, record => record.Key.Contains("north", StringComparison.Ordinal) || record.Value.AsSpan().IndexOf(Encoding.UTF8.GetBytes("north")) >= 0);
    }

    [Fact]
    public async Task Forget_CutOffBeforeASegmentIsErased_IsFinishedWhenTheHistoryIsNextRead()
    {
        var rows = Rows(users: 150, items: 60);
        var (user, other) = (rows["north"][0].User, rows["north"][^1].User);
        var bytes = 0L;
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await ImportAsync(federation, "own", rows);
            await federation.RunAsync(HostedFederationTests.Request("own", "mf"));
            bytes = Stored();
            _states.FailWritesOf = HistorySegments.NameOf(0);
            await Assert.ThrowsAnyAsync<Exception>(() => HostedFederationTests.History(federation, "own").RecordAsync(new HistoryChange($"north/{user}", HistoryChangeKind.Forgotten)));
            Assert.True(Stored() >= bytes, "it was not cut off");
            _states.FailWritesOf = null;
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);

        Assert.Equal(RecommendationOutcome.Found, (await RecommendAsync(again, $"north/{other}")).Outcome);
        Assert.True(Stored() < bytes, "nothing was erased");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("north/east")]
    public async Task Import_OfANameThatCannotBe_IsRefusedAndLeavesNoTrace(string name)
    {
        await using var federation = await TestFederation.StartAsync(1, _states);

        var receipt = await HostedFederationTests.History(federation, "own").ImportOfAsync(name, [Event("u", "i", 1)]);

        Assert.Equal(HistoryOutcome.Unfit, receipt.Outcome);
        Assert.Contains("name", receipt.Message, StringComparison.Ordinal);
        Assert.Empty(_states.Stored);
    }

    private static ImmutableDictionary<string, HistoryChange[]> Rows(int users, int items)
    {
        using var rows = new HostedRows(users, items);
        var numbers = rows.Changes.Select(change => change.User).Distinct().Select((user, number) => (user, number)).ToDictionary();
        return s_names.Select((name, place) => (name, rows.Changes.Where(change => numbers[change.User] % 3 == place).ToArray())).ToImmutableDictionary(own => own.name, own => own.Item2);
    }

    private void WriteParties(ImmutableDictionary<string, HistoryChange[]> rows)
    {
        foreach (var (name, own) in rows)
        {
            File.WriteAllLines(Path.Combine(_folder.CreateSubdirectory(name).FullName, "interactions.csv"),
                ["user,item,timestamp", .. own.Select(change => string.Create(CultureInfo.InvariantCulture, $"{change.User},{change.Item},{change.Time}"))]);
        }
    }

    private static async Task<int> ImportAsync(TestFederation federation, string name, ImmutableDictionary<string, HistoryChange[]> rows)
    {
        var recorded = 0;
        foreach (var organisation in s_names)
        {
            recorded += (await ImportOfAsync(federation, name, organisation, [.. rows[organisation]])).Recorded;
        }

        return recorded;
    }

    private static async Task<ImportReceipt> ImportOfAsync(TestFederation federation, string name, string organisation, ImmutableArray<HistoryChange> changes)
    {
        var receipt = await HostedFederationTests.History(federation, name).ImportOfAsync(organisation, changes);
        Assert.True(receipt.Outcome == HistoryOutcome.Recorded, receipt.Message);
        return receipt;
    }

    private static Task<RecommendationAnswer> RecommendAsync(TestFederation federation, string user) =>
        federation.Grains.GetGrain<IRecommenderGrain>("own").RecommendAsync(new RecommendationQuery(user, 10, Explain: false, 0));

    private long Written() => _states.Sizes.Where(write => write.State == "organisation" || write.State.StartsWith("history-", StringComparison.Ordinal)).Sum(write => (long)write.Bytes);

    private long Stored() => _states.Stored.Where(record => record.Key.StartsWith("organisation-", StringComparison.Ordinal) || record.Key.StartsWith("history-", StringComparison.Ordinal)).Sum(record => (long)record.Value.Length);

    private static HistoryChange Event(string user, string item, int time) => new(user, HistoryChangeKind.Added, item) { Time = Start + time };
}
