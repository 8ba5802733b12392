using System.Numerics;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Parties;

namespace FedRec.Grains.Tests.Parties;

/// <summary>What a run trains on is what users did before it, all of it, in order, and nothing that they took back; whatever is restarted in between.</summary>
public sealed class HostedHistoriesTests
{
    private const long Start = 1_600_000_000_000;
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Run_OfAUserOfManySegmentsAfterARestart_HasAllOfItInOrder()
    {
        using var others = new HostedRows(users: 30, items: 20);
        var big = Enumerable.Range(0, 600).Select(i => Event("big", $"b{i}", i)).ToArray();
        using var rows = new HostedRows([.. others.Changes, .. big]);
        var takenBack = Event("big", others.Changes[0].Item!, 0);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await HostedFederationTests.ImportAsync(federation, "hosted", [.. others.Changes, takenBack, .. big.Take(400)]); // in the first segment,
            await HostedFederationTests.History(federation, "hosted").RecordAsync(new HistoryChange("big", HistoryChangeKind.Removed, takenBack.Item)); // and taken back in the second
            await HostedFederationTests.ImportAsync(federation, "hosted", [.. big.Skip(400)]);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        await again.RunAsync(HostedFederationTests.Request("hosted", "ease"));
        await again.RunAsync(HostedFederationTests.Request("loaded", "ease"), new DataSpec { Path = rows.FilePath });

        Assert.Equal(2, _states.Stored.Keys.Count(key => key.StartsWith("history-", StringComparison.Ordinal)));
        Assert.Equal((await HostedFederationTests.ManifestAsync(again, "loaded")).Sha256, (await HostedFederationTests.ManifestAsync(again, "hosted")).Sha256);
    }

    [Fact]
    public async Task Run_OfMoreClientsThanAPartitionAndMoreItemsThanASegment_GivesTheBytesOfASimulation()
    {
        var items = ICatalogueGrain.SegmentSize + 76;
        using var rows = new HostedRows([.. from i in Enumerable.Range(0, 2 * (IRegistryGrain.PartitionSize + 52)) select Event($"u{i / 2}", $"i{i * 7 % items}", i)]);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await HostedFederationTests.ImportAsync(federation, "hosted", rows.Changes);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        var request = HostedFederationTests.Request("hosted", "mf") with { Rounds = new RoundSettings { Count = 1 } };
        var hosted = await again.RunAsync(request);
        await again.RunAsync(request with { Federation = "loaded" }, new DataSpec { Path = rows.FilePath });

        Assert.Equal((IRegistryGrain.PartitionSize + 52, items), (hosted.Clients, hosted.Items));
        Assert.Equal((await HostedFederationTests.ManifestAsync(again, "loaded")).Sha256, hosted.Sha256);
    }

    [Fact]
    public async Task Import_NotesTheSizeClassOfEachClient_AndARunTheLargest()
    {
        var counts = new[] { 1, 2, 3, 4, 7, 8, 40 };
        await using var federation = await TestFederation.StartAsync(1);
        await HostedFederationTests.ImportAsync(federation, "hosted", [.. counts.SelectMany((count, user) => Enumerable.Range(0, count).Select(i => Event($"u{user}", $"i{i}", i)))]);
        await HostedFederationTests.ImportAsync(federation, "hosted", [Event("u2", "i9", 9)]); // from 3 to 4

        var classes = (await federation.Grains.GetGrain<IRegistryGrain>("hosted").ReadAsync(0)).SizeClasses;
        var run = await federation.RunAsync(HostedFederationTests.Request("hosted", "mf"));

        Assert.Equal([1, 2, 3, 3, 3, 4, 6], classes.Select(one => (int)one));
        Assert.All(counts.Where(count => count != 3).Zip(classes.Where((_, place) => place != 2)), pair => Assert.Equal(BitOperations.Log2((uint)pair.First) + 1, pair.Second));
        Assert.Equal(6, run.Source.Hosted!.LargestClass);
    }

    [Fact]
    public async Task Import_CutOffBeforeSizesWereNotedAndRepeated_NotesThem()
    {
        HistoryChange[] changes = [.. Enumerable.Range(0, 9).Select(i => Event($"u{i % 2}", $"i{i}", i))];
        await using var federation = await TestFederation.StartAsync(1, _states);
        _states.OnWrite = state => _states.FailWritesOf = state == "user" ? "registry-0" : _states.FailWritesOf;
        await Assert.ThrowsAnyAsync<Exception>(() => HostedFederationTests.History(federation, "hosted").ImportAsync([.. changes]));

        (_states.OnWrite, _states.FailWritesOf) = (_ => { }, null);
        await HostedFederationTests.ImportAsync(federation, "hosted", [.. changes]);

        Assert.Equal([3, 3], (await federation.Grains.GetGrain<IRegistryGrain>("hosted").ReadAsync(0)).SizeClasses.Select(one => (int)one));
    }

    [Fact]
    public async Task Record_WhatComesAfterARunHasAsked_IsNoPartOfItWhateverNumberWasReadBefore()
    {
        using var rows = new HostedRows(users: 20, items: 15);
        await using var federation = await TestFederation.StartAsync(1);
        await HostedFederationTests.ImportAsync(federation, "plain", rows.Changes);
        await HostedFederationTests.ImportAsync(federation, "raced", rows.Changes);
        var (user, met) = (rows.Changes[0].User, rows.Changes.Where(change => change.User == rows.Changes[0].User).Select(change => change.Item!).ToHashSet());
        var key = new UserKey(await federation.Grains.GetGrain<IUserRegistryGrain>("raced").GetKeyAsync());
        var grain = federation.Grains.GetGrain<IUserGrain>(GrainKeys.User("raced", key.Of(user)));

        await grain.AskAsync(run: 1); // the run has begun, and the number below was read before that
        await grain.RecordManyAsync([Event(user, rows.Changes.First(change => !met.Contains(change.Item!)).Item!, 0)], lastRun: 0);
        foreach (var name in new[] { "plain", "raced", "raced" })
        {
            await federation.RunAsync(HostedFederationTests.Request(name, "mf"));
        }

        var plain = await HostedFederationTests.ManifestAsync(federation, "plain");
        Assert.Equal(plain.Sha256, (await HostedFederationTests.ManifestAsync(federation, "raced", 1)).Sha256);
        Assert.NotEqual(plain.Sha256, (await HostedFederationTests.ManifestAsync(federation, "raced", 2)).Sha256);
    }

    [Fact]
    public async Task Run_AfterAUserWasForgotten_IsThatOfTheOthersAndOfAClientWithNothing()
    {
        using var rows = new HostedRows(users: 20, items: 15);
        var forgotten = rows.Changes[0].User;
        await using var federation = await TestFederation.StartAsync(1);
        await HostedFederationTests.ImportAsync(federation, "hosted", rows.Changes);
        await HostedFederationTests.History(federation, "hosted").RecordAsync(new HistoryChange(forgotten, HistoryChangeKind.Forgotten));
        await HostedFederationTests.ImportAsync(federation, "without", [.. rows.Changes.Where(change => change.User != forgotten)]);
        await federation.Grains.GetGrain<ICatalogueGrain>("without").AddAsync([.. rows.Changes.Select(change => new CatalogueItem(change.Item!, null, []))]);

        await federation.RunAsync(HostedFederationTests.Request("hosted", "ease"));
        await federation.RunAsync(HostedFederationTests.Request("without", "ease"));

        var popular = await Task.WhenAll(new[] { "hosted", "without" }.Select(name =>
            federation.Grains.GetGrain<IRecommenderGrain>(name).RecommendAsync(new RecommendationQuery("nobody", 15, Explain: false, 0))));
        Assert.Equal(popular[1].Items.Select(item => (item.Item, item.Score)).Order(), popular[0].Items.Select(item => (item.Item, item.Score)).Order());
    }

    [Fact]
    public async Task Recommend_AnItemWithATitle_SaysIt()
    {
        using var rows = new HostedRows(users: 30, items: 20);
        await using var federation = await TestFederation.StartAsync(1);
        await federation.Grains.GetGrain<IFederationGrain>("hosted").HostAsync(hasRatings: false);
        await federation.Grains.GetGrain<ICatalogueGrain>("hosted").AddAsync([.. rows.Changes.Select(change => new CatalogueItem(change.Item!, $"Title of {change.Item}", ["tag"]))]);
        await HostedFederationTests.ImportAsync(federation, "hosted", rows.Changes);
        await federation.RunAsync(HostedFederationTests.Request("hosted", "ease"));

        var answer = await federation.Grains.GetGrain<IRecommenderGrain>("hosted").RecommendAsync(new RecommendationQuery(rows.Changes[0].User, 5, Explain: false, 0));

        Assert.NotEmpty(answer.Items);
        Assert.All(answer.Items, item => Assert.Equal($"Title of {item.Item}", item.Title));
    }

    private static HistoryChange Event(string user, string item, int time) => new(user, HistoryChangeKind.Added, item) { Time = Start + time };
}
