using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using FedRec.Contracts.Access;
using FedRec.Integration.Tests.Web.Doubles;
using FedRec.Web.Access;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Integration.Tests.Web.Access;

/// <summary>Changes are noted with who made them and what became of them; and whoever asks too often is told when to come back.</summary>
public sealed class AccessLogTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        Scenes.MidRun(_cluster);
        _host = await WebHost.StartAsync(_cluster, options => options.Access.Required = true, change: builder => builder.Services.AddSingleton(new AccessRates(TimeSpan.FromDays(1_000)))); // nothing comes back within a test: of 2,000 an hour one does in two seconds
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Changes_AreNoted_WithWhoAndWhatBecameOfThem_AndNobodyElse()
    {
        var (owner, app) = (_cluster.Access.Add(AccessRole.Operator), _cluster.Access.Add(AccessRole.App));
        await SendAsync(HttpMethod.Post, "/api/v1/models/1/promote?federation=movies", owner);
        await SendAsync(HttpMethod.Post, "/api/v1/models/99/promote", owner);
        await SendAsync(HttpMethod.Delete, "/api/v1/users/somebody-private", owner);
        await SendAsync(HttpMethod.Get, "/api/v1/models", owner);
        await SendAsync(HttpMethod.Post, "/api/v1/models/1/promote", app); // refused
        await SendAsync(HttpMethod.Post, "/api/v1/models/1/promote", null);

        using var answer = await SendAsync(HttpMethod.Get, "/api/v1/access/log", owner);
        var log = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        var changes = log.GetProperty("changes").EnumerateArray().ToList();
        var id = AccessKeyText.Read(owner)!.Id;
        Assert.Equal(
            ["DELETE /api/v1/users/{user}", "POST /api/v1/models/99/promote", "POST /api/v1/models/1/promote?federation=movies"],
            changes.Select(change => change.GetProperty("action").GetString()));
        Assert.All(changes, change => Assert.Equal($"key {id} (Operator)", change.GetProperty("caller").GetString()));
        Assert.Equal([404, 200], changes.Skip(1).Select(change => change.GetProperty("status").GetInt32()));
        Assert.Equal(JsonValueKind.Null, log.GetProperty("brokenAt").ValueKind);
    }

    // Whatever refuses it: a body that is none, an address that names nothing, a cluster that does not answer.
    [Fact]
    public async Task Changes_ThatAreRefused_AreNotedWithTheAnswerThatWasGiven()
    {
        var owner = _cluster.Access.Add(AccessRole.Operator);
        var answered = new List<int>();
        foreach (var body in new[] { "{", "null", "[]", """{ "learner": 7 }""", """{ "data": {} }""", """{ "nothing": 1 }""", "" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/runs") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", owner);
            using var response = await _host.Client.SendAsync(request);
            answered.Add((int)response.StatusCode);
        }

        using var answer = await SendAsync(HttpMethod.Get, "/api/v1/access/log", owner);
        var noted = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("status").GetInt32());

        Assert.Equal(answered, noted.Reverse());
        Assert.All(answered, status => Assert.InRange(status, 400, 499));
    }

    [Fact]
    public async Task Change_ThatCannotBeNoted_IsNotDone()
    {
        var owner = _cluster.Access.Add(AccessRole.Operator);
        await SendAsync(HttpMethod.Get, "/api/v1/models", owner); // its key is known
        var serving = _cluster.Federations[0].Model.Serving;
        _cluster.Access.LogFailure = new OrleansException("The store refuses.");

        using var answer = await SendAsync(HttpMethod.Post, "/api/v1/models/1/promote", owner);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(serving, _cluster.Federations[0].Model.Serving);
    }

    [Fact]
    public async Task Caller_WhoAsksTooOften_IsToldWhenToComeBack_AndOthersAreAnswered()
    {
        var (busy, other) = (_cluster.Access.Add(AccessRole.Viewer), _cluster.Access.Add(AccessRole.Viewer));
        for (var i = 0; i < AccessRates.Burst; i++)
        {
            (await SendAsync(HttpMethod.Get, "/api/v1/recommendations", busy)).Dispose(); // names nobody, and costs nothing
        }

        using var refused = await SendAsync(HttpMethod.Get, "/api/v1/federations", busy);
        using var answered = await SendAsync(HttpMethod.Get, "/api/v1/federations", other);

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (refused.StatusCode, answered.StatusCode));
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task KeysThatAreNotGood_AreRefusedMoreAndMoreSlowly_AndAGoodOneIsNot()
    {
        var good = _cluster.Access.Add(AccessRole.Viewer);
        for (var i = 0; i < AccessRates.RefusedBurst; i++)
        {
            using var one = await SendAsync(HttpMethod.Get, "/api/v1/federations", AccessKeyText.Create().Reveal());
            Assert.Equal(HttpStatusCode.Unauthorized, one.StatusCode);
        }

        using var refused = await SendAsync(HttpMethod.Get, "/api/v1/federations", AccessKeyText.Create().Reveal());
        using var login = await _host.Client.PostAsync(new Uri("/fedrec/login", UriKind.Relative), new FormUrlEncodedContent(new Dictionary<string, string> { ["key"] = "guessed" }));
        using var answered = await SendAsync(HttpMethod.Get, "/api/v1/federations", good);

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (refused.StatusCode, login.StatusCode, answered.StatusCode));
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, string? key)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await _host.Client.SendAsync(request);
    }
}
