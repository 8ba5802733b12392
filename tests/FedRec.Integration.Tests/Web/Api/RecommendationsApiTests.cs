using System.Text.Json;
using FedRec.Contracts.Recommendations;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class RecommendationsApiTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private FakeFederation _federation = null!;
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        _federation = _cluster.Add("movies");
        _federation.Model.Add([1]);
        _federation.Recommender.Lists["u17"] = [Scenes.Item(1, "Meridian", "space"), Scenes.Item(2, "Copper Canyon")];
        _host = await WebHost.StartAsync(_cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Recommend_Explained_GivesReasonsAsNumbersAndInWords()
    {
        var answer = await _host.GetAsync("/api/v1/recommendations/u17?k=1&explain=true");

        Assert.Equal(new RecommendationQuery("u17", 1, true, 0), _federation.Recommender.Asked);
        Assert.Equal(1, answer.GetProperty("version").GetInt64());
        var item = Assert.Single(answer.GetProperty("items").EnumerateArray());
        Assert.Equal("Meridian", item.GetProperty("title").GetString());
        Assert.Equal("0.851", item.GetProperty("score").GetRawText()); // as short as the float is
        Assert.Equal("because of Harbour Lights (+0.21), The Last Reel (+0.08)", item.GetProperty("explanation").GetString());
        Assert.Equal("space", item.GetProperty("reasons")[0].GetProperty("sharedTags")[0].GetString());
    }

    [Fact]
    public async Task Recommend_ByDefault_AsksForTenWithoutReasonsFromTheVersionInUse()
    {
        var answer = await _host.GetAsync("/api/v1/recommendations/u17");

        Assert.Equal(new RecommendationQuery("u17", 10, false, 0), _federation.Recommender.Asked);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("items")[0].GetProperty("explanation").ValueKind);
    }

    [Fact]
    public async Task RecommendForItems_PostedItems_ReachTheGrainAndTheAnswerNamesNoUser()
    {
        _federation.Recommender.Lists[""] = [Scenes.Item(1, "Meridian", "space"), Scenes.Item(2, "Copper Canyon")];

        var posted = await _host.Client.PostAsync("/api/v1/recommendations", Json("""{ "items": [ { "item": "i1", "rating": 4.5 }, { "item": "i2", "rating": 2 } ], "k": 1 }"""));

        var answer = JsonSerializer.Deserialize<JsonElement>(await posted.Content.ReadAsStringAsync());
        Assert.Equal([new MetItem("i1", 4.5f), new MetItem("i2", 2)], _federation.Recommender.Asked!.Items.ToArray()); // ImmutableArray compares by reference
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("user").ValueKind);
        Assert.Equal("Meridian", Assert.Single(answer.GetProperty("items").EnumerateArray()).GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("""{ "k": 3 }""", 400)]
    [InlineData("""{ "items": [ { "item": "i1" } ], "k": 0 }""", 400)]
    [InlineData("""{ "items": [ { "item": "i1" } ], "version": 101 }""", 404)]
    public async Task RecommendForItems_WrongBody_IsRefused(string body, int status) =>
        await _host.RefusedAsync(status, "/api/v1/recommendations", HttpMethod.Post, Json(body));

    [Theory]
    [InlineData("GET", "/api/v1/recommendations/nobody", null, "nobody")]
    [InlineData("POST", "/api/v1/recommendations", """{ "items": [] }""", "")]
    public async Task Recommend_ForSomebodyUnknown_GivesPopularItemsAndSaysWhy(string method, string address, string? body, string user)
    {
        _federation.Recommender.Answer = new RecommendationAnswer(RecommendationOutcome.UnknownUser, 1, [Scenes.Item(1, "Meridian")], "What most users have met.");
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = body is null ? null : Json(body) };

        using var response = await _host.Client.SendAsync(request);

        var answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        Assert.Equal(user, _federation.Recommender.Asked!.User);
        Assert.Equal("What most users have met.", answer.GetProperty("reason").GetString());
        Assert.Equal("Meridian", answer.GetProperty("items")[0].GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("GET", "/api/v1/recommendations/u17?exclude=a%2Cb&exclude=c&tag=space&tag=sea&offset=20", null)]
    [InlineData("POST", "/api/v1/recommendations", """{ "items": [], "exclude": ["a,b", "c"], "tags": ["space", "sea"], "offset": 20 }""")]
    public async Task Recommend_PartOfTheList_ReachesTheGrain(string method, string address, string? body)
    {
        _federation.Recommender.Lists[""] = [];
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = body is null ? null : Json(body) };

        using var response = await _host.Client.SendAsync(request);

        var part = _federation.Recommender.Asked!.Part!;
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("a,b|c", "space|sea", 20), (string.Join('|', part.Exclude), string.Join('|', part.Tags), part.Offset));
    }

    [Theory]
    [InlineData(RecommendationOutcome.UnknownTag, 400, "There is none.", "There is none.")]
    [InlineData(RecommendationOutcome.UnknownItem, 404, "There is none.", "There is none.")]
    [InlineData(RecommendationOutcome.UnknownUser, 404, null, "no user 'u17'")]
    public async Task Recommend_WhatIsNotThere_IsRefused(RecommendationOutcome outcome, int status, string? reason, string expected)
    {
        _federation.Recommender.Answer = new RecommendationAnswer(outcome, 1, [], reason);

        var problem = await _host.RefusedAsync(status, "/api/v1/recommendations/u17?tag=x&exclude=y");

        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a b+c&d?e#f")]
    [InlineData("Ünï©ødé")]
    [InlineData("<script>alert(1)</script>")]
    public async Task Recommend_UserIdOfAnyCharacters_ReachesTheGrain(string user)
    {
        _federation.Recommender.Lists[user] = [Scenes.Item(1, "Meridian")];

        var answer = await _host.GetAsync($"/api/v1/recommendations/{Uri.EscapeDataString(user)}");

        Assert.Equal(user, _federation.Recommender.Asked!.User);
        Assert.Equal(user, answer.GetProperty("user").GetString());
    }

    [Theory]
    [InlineData("k=0", "'k' is 0")]
    [InlineData("k=1001", "from 1 to 1000")]
    [InlineData("k=many", "many")]
    [InlineData("version=-1", "'version' is -1")]
    [InlineData("explain=perhaps", "perhaps")]
    [InlineData("offset=-1", "'offset' is -1")]
    [InlineData("offset=9991", "from 0 to 9990")]
    [InlineData("k=1000&offset=9001", "from 0 to 9000")]
    [InlineData("offset=1&offset=2", "2 times")]
    [InlineData("tags=space", "exclude, tag, offset")]
    public async Task Recommend_ValueOutOfRange_IsRefusedBeforeTheGrainIsAsked(string query, string reason)
    {
        var problem = await _host.RefusedAsync(400, $"/api/v1/recommendations/u17?{query}");

        Assert.Contains(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Null(_federation.Recommender.Asked);
    }

    [Theory]
    [InlineData("/api/v1/recommendations/nobody", "no user 'nobody'")]
    [InlineData("/api/v1/recommendations/u17?version=101", "no version 101")]
    [InlineData("/api/v1/recommendations/u17?federation=shops", "no federation 'shops'")]
    public async Task Recommend_WhatDoesNotExist_IsNotFound(string address, string reason)
    {
        var problem = await _host.RefusedAsync(404, address);

        Assert.Contains(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recommend_BeforeAnyModelIsInUse_SaysSo()
    {
        _cluster.Add("fresh");

        var problem = await _host.RefusedAsync(404, "/api/v1/recommendations/u17");

        Assert.Equal("No model in use", problem.GetProperty("title").GetString());
    }

    [Fact]
    public async Task Recommend_WhileTheAuditTrailCannotBeWritten_IsUnavailableAndThePageSaysWhy()
    {
        _federation.Recommender.Answer = new RecommendationAnswer(RecommendationOutcome.AuditUnavailable, 1, [], "The trail cannot be written.");

        var problem = await _host.RefusedAsync(503, "/api/v1/recommendations/u17");
        var page = await _host.Client.GetStringAsync("/fedrec?user=u17");

        Assert.Equal("The trail cannot be written.", problem.GetProperty("detail").GetString());
        Assert.Contains("The trail cannot be written.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_AreFoundByPrefix()
    {
        _federation.Recommender.Lists["v1"] = [];
        _federation.Recommender.Lists["u2"] = [];

        var users = await _host.GetAsync("/api/v1/users?prefix=u&count=2");

        Assert.Equal(["u17", "u2"], users.EnumerateArray().Select(u => u.GetString()));
        await _host.RefusedAsync(400, "/api/v1/users?count=1001");
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
