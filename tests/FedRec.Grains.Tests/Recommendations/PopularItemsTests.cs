using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Recommendations;

/// <summary>Numbers of users are given of items that a cohort of them has met, and of no others.</summary>
public sealed class PopularItemsTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Popular_ItemsThatFewHaveMet_AreNotListedAndNobodyLearnsTheirNumber()
    {
        await using var federation = await StartAsync(("a", 12), ("b", 9), ("c", 10), ("d", 3), ("e", 14));

        var popular = await Recommender(federation).GetPopularAsync(10, part: null);
        var one = await Recommender(federation).GetPopularAsync(1, new ListPart { Exclude = ["e"] });
        var stranger = await Recommender(federation).RecommendAsync(new RecommendationQuery("nobody", 10, false, 0));

        Assert.Equal((RecommendationOutcome.Found, 1), (popular.Outcome, popular.Version));
        Assert.Equal("1 e 14|2 a 13|3 c 10", Text(popular));
        Assert.Contains("fewer than 10 users are not listed", popular.Reason, StringComparison.Ordinal);
        Assert.Equal("1 a 13", Text(one));
        Assert.Equal("1 e 14|2 a 13|3 c 10", Text(stranger)[.."1 e 14|2 a 13|3 c 10".Length]);
        Assert.Equal(["b 0", "d 0"], stranger.Items.Skip(3).Select(item => $"{item.Item} {item.Score}").Order());
        Assert.Contains("or 0 where they are fewer than 10", stranger.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Popular_WhereNoItemHasACohort_IsAnEmptyListWithItsReason()
    {
        await using var federation = await StartAsync(("a", 4), ("b", 9));

        var popular = await Recommender(federation).GetPopularAsync(10, part: null);

        Assert.True(popular.HasList());
        Assert.Empty(popular.Items);
        Assert.NotNull(popular.Reason);
    }

    [Fact]
    public async Task Recommend_UserWhoHasMetNothing_GetsPopularItemsAndTheReasonWhy_AsFiltered()
    {
        await using var federation = await StartAsync(("a", 12), ("b", 9), ("c", 11), ("e", 14));
        var asked = new RecommendationQuery("u20", 10, false, 0) { Part = new ListPart { Exclude = ["e"], Offset = 1 } };

        var before = await Recommender(federation).RecommendAsync(asked);
        await federation.Grains.GetGrain<IHistoryGrain>("test").RecordAsync(new HistoryChange("u20", HistoryChangeKind.Removed, "a"));
        var after = await Recommender(federation).RecommendAsync(asked with { Version = 1 });
        var whole = await Recommender(federation).RecommendAsync(asked with { Part = null, Version = 1 });

        Assert.Equal((RecommendationOutcome.Found, null), (before.Outcome, before.Reason));
        Assert.Equal((RecommendationOutcome.UnknownUser, true), (after.Outcome, after.HasList()));
        Assert.StartsWith("User 'u20' has met nothing that version 1 could go by: these are the items that most users have met", after.Reason, StringComparison.Ordinal);
        Assert.Equal("1 e 14|2 a 13|3 c 11|4 b 0", Text(whole));
        Assert.Equal("2 c 11|3 b 0", Text(after));
        Assert.Equal(Text(whole), Text(await Recommender(federation).RecommendAsync(new RecommendationQuery("u21", 10, false, 0))));
    }

    [Fact]
    public async Task Popular_WhatIsNotThere_IsRefusedByName()
    {
        await using var fresh = await TestFederation.StartAsync(1);
        await using var federation = await StartAsync(("a", 12));

        var none = await Recommender(fresh).GetPopularAsync(10, part: null);
        var tag = await Recommender(federation).GetPopularAsync(10, new ListPart { Tags = ["klingon"] });

        Assert.Equal(RecommendationOutcome.NoModel, none.Outcome);
        Assert.Equal(RecommendationOutcome.UnknownTag, tag.Outcome);
        Assert.Contains("have no tags", tag.Reason, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Recommender(federation).GetPopularAsync(1_001, part: null));
    }

    private static IRecommenderGrain Recommender(TestFederation federation) => federation.Grains.GetGrain<IRecommenderGrain>("test");

    private static string Text(RecommendationAnswer answer) => string.Join('|', answer.Items.Select(item => $"{item.Rank} {item.Item} {item.Score}"));

    /// <summary>A federation whose items so many users have met in training, and u20 the first of them; u21 has met nothing.</summary>
    private async Task<TestFederation> StartAsync(params (string Item, int Users)[] met)
    {
        File.WriteAllLines(_file, ["user,item,split", .. met.SelectMany(one => Enumerable.Range(0, one.Users).Select(user => $"u{user},{one.Item},train")), "u20,a,train", .. met.Select(one => $"u21,{one.Item},test")]);
        var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1), new DataSpec { Path = _file });
        return federation;
    }
}
