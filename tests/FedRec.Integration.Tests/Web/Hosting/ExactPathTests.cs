using FedRec.Contracts.Histories;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Hosting;

/// <summary>An id in an address is decoded exactly once.</summary>
public sealed class ExactPathTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private FakeFederation _federation = null!;
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        _federation = _cluster.Add("movies");
        _federation.Model.Add([1]);
        _host = await WebHost.StartAsync(_cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("u17", "u17")]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%2fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("a%25252Fb", "a%252Fb")]
    [InlineData("..", "..")]
    [InlineData("%2e%2e", "..")]
    [InlineData(".", ".")]
    [InlineData("..%2F..", "../..")]
    [InlineData("%2F", "/")]
    [InlineData("%25", "%")]
    [InlineData("100%25", "100%")]
    [InlineData("a+b", "a+b")]
    [InlineData("a%20b", "a b")]
    [InlineData("%C3%9Cn%C3%AF%F0%9F%98%80", "Ünï😀")]
    [InlineData("a%3Fb%23c%26d", "a?b#c&d")]
    [InlineData("a%5Cb", "a\\b")]
    [InlineData("%0A%09", "\n\t")]
    public async Task UserId_OfAnyCharacters_ReachesTheGrainDecodedOnce(string sent, string user)
    {
        _federation.Recommender.Lists[user] = [Scenes.Item(1, "Meridian")];

        using var forgotten = await _host.SendRawAsync(HttpMethod.Delete, $"/api/v1/users/{sent}");
        using var answer = await _host.SendRawAsync(HttpMethod.Get, $"/api/v1/recommendations/{sent}?k=1");

        Assert.Equal([new HistoryChange(user, HistoryChangeKind.Forgotten)], _federation.History.Changes);
        Assert.Equal(user, _federation.Recommender.Asked!.User);
        Assert.Equal((200, 200), ((int)forgotten.StatusCode, (int)answer.StatusCode));
    }

    [Theory]
    [InlineData("u17", 200, "u17")]
    [InlineData("a%2Fb", 200, "a/b")]
    [InlineData("a%252Fb", 200, "a%2Fb")]
    [InlineData("100%25", 200, "100%")]
    [InlineData("%C3%9Cn%C3%AF", 200, "Ünï")]
    [InlineData("%ff", 400, null)]
    public async Task UserId_InAHostBelowAPath_ReachesTheGrainDecodedOnce(string sent, int status, string? user)
    {
        await using var host = await WebHost.StartAsync(_cluster, below: "/corner");
        _federation.Recommender.Lists[user ?? ""] = [Scenes.Item(1, "Meridian")];

        using var answer = await host.SendRawAsync(HttpMethod.Get, $"/corner/fedrec/api/v1/recommendations/{sent}?k=1");

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(user, _federation.Recommender.Asked?.User);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("DELETE", "/api/v1/users/", 400)]
    [InlineData("GET", "/api/v1/recommendations/", 400)]
    [InlineData("DELETE", "/api/v1/users/%ff", 400)]
    [InlineData("DELETE", "/api/v1/users/%zz", 400)]
    [InlineData("DELETE", "/api/v1/users/%", 400)]
    [InlineData("GET", "/api/v1/users?prefix=%ff", 400)]
    [InlineData("GET", "/api/v1/runs/..", 404)]
    [InlineData("GET", "/api/v1/runs/%2e%2e/events", 404)]
    [InlineData("DELETE", "/api/v1/users/a/b", 404)]
    public async Task Address_ThatNamesNothing_IsRefused(string method, string address, int status)
    {
        using var response = await _host.SendRawAsync(new HttpMethod(method), address);

        Assert.Equal(status, (int)response.StatusCode);
        await Problems.ReadAsync(response, address);
        Assert.Empty(_federation.History.Changes);
    }
}
