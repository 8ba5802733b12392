using System.Net.Http.Json;
using System.Text.Json;
using FedRec.Cli.Hosting;
using FedRec.Contracts;
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
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(4) };
    }

    public FakeCluster Cluster { get; }

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    public HttpClient Client { get; }

    public static async Task<WebHost> StartAsync(
        FakeCluster? cluster = null, Action<FedRecWebOptions>? configure = null, string environment = "Production", int port = 0, Func<string?>? storeProblem = null, string below = "", string apiKey = "", Action<WebApplicationBuilder>? change = null)
    {
        cluster ??= new FakeCluster();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        change?.Invoke(builder);
        builder.Services.AddSingleton<IGrainFactory>(cluster);
        builder.Services.AddSingleton<IStoreStatus>(new StoreSays(storeProblem ?? (() => null)));
        if (below.Length == 0)
        {
            builder.Services.AddSingleton<IStartupFilter, ShortAddresses>(); // as the program has it
        }

        builder.Services.AddFedRecWeb(options =>
        {
            options.Access.Key = apiKey;
            configure?.Invoke(options);
        });
        var app = builder.Build();
        if (below.Length > 0)
        {
            app.UsePathBase(below).UseRouting();
        }

        app.MapFedRec(ShortAddresses.Prefix);
        await app.StartAsync();
        return new WebHost(app, cluster);
    }

    private sealed class StoreSays(Func<string?> problem) : IStoreStatus
    {
        public string? Problem => problem();
    }

    /// <summary>Asks for JSON that must be there.</summary>
    public async Task<JsonElement> GetAsync(string address) => await Client.GetFromJsonAsync<JsonElement>(address);

    /// <summary>Asks for something that must be refused, and checks the shape of the refusal.</summary>
    public async Task<JsonElement> RefusedAsync(int status, string address, HttpMethod? method = null, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, address) { Content = content };
        using var response = await Client.SendAsync(request);
        Assert.True(status == (int)response.StatusCode, $"{address} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return await Problems.ReadAsync(response, address);
    }

    /// <summary>Asks with the address exactly as it is written, dots and escapes included.</summary>
    public async Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string address)
    {
        var uri = new Uri($"{Address.GetLeftPart(UriPartial.Authority)}{address}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, uri);
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(); // open streams end by it
        await _app.DisposeAsync();
        Client.Dispose();
    }
}
