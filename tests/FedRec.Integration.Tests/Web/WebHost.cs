using System.Net.Http.Json;
using System.Text.Json;
using FedRec.Integration.Tests.Web.Doubles;
using FedRec.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedRec.Integration.Tests.Web;

/// <summary>The front end on a free local port, over a cluster of doubles.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebHost(WebApplication app, FakeCluster cluster)
    {
        (_app, Cluster) = (app, cluster);
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public FakeCluster Cluster { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static async Task<WebHost> StartAsync(
        FakeCluster? cluster = null, Action<FedRecWebOptions>? configure = null, string environment = "Production", int port = 0)
    {
        cluster ??= new FakeCluster();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IGrainFactory>(cluster);
        builder.Services.AddFedRecWeb(configure);
        var app = builder.Build();
        app.MapFedRecApi();
        app.MapFedRecDashboard();
        await app.StartAsync();
        return new WebHost(app, cluster);
    }

    /// <summary>Asks for JSON that must be there.</summary>
    public async Task<JsonElement> GetAsync(string address) => await Client.GetFromJsonAsync<JsonElement>(address);

    /// <summary>Asks for something that must be refused, and checks the shape of the refusal.</summary>
    public async Task<JsonElement> RefusedAsync(int status, string address, HttpMethod? method = null, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, address) { Content = content };
        using var response = await Client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{address} answered {(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal); // no stack trace
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(); // open streams end by it
        await _app.DisposeAsync();
        Client.Dispose();
    }
}
