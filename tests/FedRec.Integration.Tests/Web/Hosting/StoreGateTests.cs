using System.Net;
using System.Net.Http.Json;
using FedRec.Web;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Integration.Tests.Web.Hosting;

/// <summary>What the front end answers while the store is away.</summary>
public sealed class StoreGateTests
{
    [Fact]
    public async Task Changes_WhileTheStoreIsAway_AreRefusedWithTheReasonAndQuestionsAreAnswered()
    {
        string? problem = "The disk is full.";
        await using var host = await WebHost.StartAsync(storeProblem: () => problem);

        foreach (var (method, address) in new[] { (HttpMethod.Post, "/api/v1/runs"), (HttpMethod.Post, "/api/v1/interactions"), (HttpMethod.Delete, "/api/v1/users/a") })
        {
            using var refused = await host.Client.SendAsync(new HttpRequestMessage(method, address) { Content = JsonContent.Create(new { }) });
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.Contains("The disk is full.", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var ready = await host.RefusedAsync(503, "/health/ready");
        Assert.Equal("The disk is full.", ready.GetProperty("detail").GetString());
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/api/v1/federations")).StatusCode);
        using var question = await host.Client.PostAsJsonAsync("/api/v1/recommendations", new { items = new[] { "a" } });
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, question.StatusCode);

        problem = null;
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task Ready_OnceTheProcessIsAboutToEnd_SaysNoWhileAllElseIsAnswered()
    {
        await using var host = await WebHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/health/ready")).StatusCode);

        host.Services.GetRequiredService<FedRecReadiness>().End();

        Assert.Contains("about to end", (await host.RefusedAsync(503, "/health/ready")).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/api/v1/federations")).StatusCode);
    }
}
