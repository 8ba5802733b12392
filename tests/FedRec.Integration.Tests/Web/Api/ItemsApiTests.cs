using FedRec.Contracts.Recommendations;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class ItemsApiTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private FakeFederation _federation = null!;
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        _federation = _cluster.Add("movies");
        _federation.Model.Add([1]);
        _federation.Recommender.Similar = new SimilarAnswer(RecommendationOutcome.Found, 12, "ease", "Solaris", [new SimilarItem(1, "i4", "Stalker", 0.25f, ["space", "zone"], ["space"])], "By the weights.");
        _host = await WebHost.StartAsync(_cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Similar_OfAnItem_HasWhatTheGrainSays()
    {
        var answer = await _host.GetAsync("/api/v1/items/i3/similar?k=1&version=12&federation=movies");

        Assert.Equal(new SimilarQuery("i3", 1, 12), _federation.Recommender.AskedSimilar);
        Assert.Equal(
            """{"federation":"movies","item":"i3","title":"Solaris","version":12,"learner":"ease","items":[{"rank":1,"item":"i4","title":"Stalker","score":0.25,"tags":["space","zone"],"sharedTags":["space"]}],"reason":"By the weights."}""",
            answer.GetRawText());
    }

    [Fact]
    public async Task Popular_WithATag_HasWhatTheGrainSays()
    {
        _federation.Recommender.Answer = new RecommendationAnswer(RecommendationOutcome.Found, 12, [new RecommendedItem(1, "i4", "Stalker", 31, ["space"], [])], "By users.");

        var answer = await _host.GetAsync("/api/v1/items/popular?k=3&tag=space&tag=zone");

        Assert.Equal(("space|zone", 3), (string.Join('|', _federation.Recommender.Asked!.Part!.Tags), _federation.Recommender.Asked.Count));
        Assert.Equal("""{"federation":"movies","version":12,"items":[{"rank":1,"item":"i4","title":"Stalker","users":31,"tags":["space"]}],"reason":"By users."}""", answer.GetRawText());
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("..", "..")]
    [InlineData("%2e%2e", "..")]
    [InlineData("a%20b", "a b")]
    [InlineData("a+b", "a+b")]
    [InlineData("popular", "popular")]
    [InlineData("similar", "similar")]
    [InlineData("100%25", "100%")]
    [InlineData("%C3%9Cn%C3%AF%F0%9F%98%80", "Ünï😀")]
    [InlineData("a%3Fb%23c", "a?b#c")]
    public async Task Similar_ItemIdOfAnyCharacters_ReachesTheGrainDecodedOnce_ForHeadToo(string sent, string item)
    {
        using var answer = await _host.SendRawAsync(HttpMethod.Get, $"/api/v1/items/{sent}/similar");
        Assert.Equal((200, item), ((int)answer.StatusCode, _federation.Recommender.AskedSimilar!.Item));

        using var head = await _host.SendRawAsync(HttpMethod.Head, $"/api/v1/items/{sent}/similar");
        Assert.Equal((200, ""), ((int)head.StatusCode, await head.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData(400, "/api/v1/items/i3/similar?k=0", "'k' is 0")]
    [InlineData(400, "/api/v1/items/i3/similar?k=1001", "from 1 to 1000")]
    [InlineData(400, "/api/v1/items/i3/similar?version=-1", "'version' is -1")]
    [InlineData(400, "/api/v1/items/i3/similar?tag=space", "federation, k, version")]
    [InlineData(400, "/api/v1/items/similar", "names no item")]
    [InlineData(400, "/api/v1/items/popular?k=1001", "from 1 to 1000")]
    [InlineData(400, "/api/v1/items/popular?offset=3", "federation, k, tag")]
    [InlineData(404, "/api/v1/items/i3/similar?federation=shops", "no federation 'shops'")]
    [InlineData(404, "/api/v1/items/i3", null)]
    public async Task Items_WhatCannotBeAsked_IsRefusedBeforeTheGrainIsAsked(int status, string address, string? reason)
    {
        var problem = await _host.RefusedAsync(status, address);

        Assert.True(reason is null || problem.GetProperty("detail").GetString()!.Contains(reason, StringComparison.Ordinal), problem.GetRawText());
        Assert.Null(_federation.Recommender.AskedSimilar);
        Assert.Null(_federation.Recommender.Asked);
    }

    [Theory]
    [InlineData(RecommendationOutcome.UnknownItem, 404, "None. GET /fedrec/api/v1/items/popular?federation=movies lists some items.")]
    [InlineData(RecommendationOutcome.NotMeasured, 409, "None.")]
    [InlineData(RecommendationOutcome.NoModel, 404, "GET /fedrec/api/v1/models?federation=movies")]
    [InlineData(RecommendationOutcome.DataUnavailable, 503, "cannot be read any more")]
    public async Task Similar_WithoutAList_SaysWhatNext(RecommendationOutcome outcome, int status, string reason)
    {
        _federation.Recommender.Similar = new SimilarAnswer(outcome, 7, "ncf", "", [], "None.");

        var problem = await _host.RefusedAsync(status, "/api/v1/items/i3/similar?version=7");

        Assert.Contains(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        if (outcome is RecommendationOutcome.DataUnavailable)
        {
            Assert.DoesNotContain("None.", problem.GetRawText(), StringComparison.Ordinal); // it may quote a file
        }
    }
}
