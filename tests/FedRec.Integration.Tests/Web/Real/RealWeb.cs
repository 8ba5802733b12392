using System.CommandLine;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FedRec.Cli;
using FedRec.Cli.Hosting;
using FedRec.Integration.Tests.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>The front end as the program starts it, over a real silo that has trained a small federation.</summary>
public sealed class RealWeb : IAsyncLifetime, IDisposable
{
    public const string Collection = "web over a real silo";
    public const string Federation = "real";

    /// <summary>What its silo is labelled with.</summary>
    public const string Label = "zone=here";

    /// <summary>Small enough to train in a moment.</summary>
    public const string SmallRun = """{"federation":"real","learner":"mf","learnerOptions":{"dims":"4"},"rounds":{"count":2}}""";

    /// <summary>What it is about.</summary>
    public const string SmallData = """{"syntheticUsers":30,"syntheticItems":24}""";

    private readonly TemporaryFolder _folder = new();
    private FedRecSession _session = null!;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Where requests may name data.</summary>
    public string DataRoot => Path.Combine(_folder.Path, "data");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(DataRoot);
        var terminal = CommandRun.Terminal(_folder.Path, variables: new Dictionary<string, string> { ["FEDREC__Web__DataRoot"] = DataRoot, ["FEDREC__Silo__Labels"] = $"owner=fedrec,{Label}" });
        var context = new CommandContext(terminal, new RootCommand().Parse(""));
        _session = await FedRecSession.OpenAsync(context, new SessionPlan("demo", context.Settings, "memory") { WebPort = 0 }, CancellationToken.None);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _session.Web, Timeout = TimeSpan.FromMinutes(2) };
        using (var told = await SendAsync(HttpMethod.Put, $"/api/v1/federations/{Federation}/simulation", SmallData))
        {
            Assert.Equal(HttpStatusCode.OK, told.StatusCode);
        }

        await TrainAsync(SmallRun);
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _session.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Its grains, for what is not done over HTTP.</summary>
    internal IGrainFactory Grains => _session.Grains;

    /// <summary>Starts a run and waits for its end.</summary>
    public async Task TrainAsync(string body)
    {
        using var started = await Client.PostAsync(new Uri("/api/v1/runs", UriKind.Relative), Json(body));
        Assert.True(started.StatusCode == HttpStatusCode.Created, await started.Content.ReadAsStringAsync());
        var run = (await started.Content.ReadFromJsonAsync<JsonElement>())!;
        var address = $"/api/v1/runs/{run.GetProperty("run").GetString()}/events?federation={run.GetProperty("federation").GetString()}";
        var events = await Client.GetStringAsync(new Uri(address, UriKind.Relative)); // ends with the run
        Assert.Contains("Completed", events, StringComparison.Ordinal);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, string? body = null)
    {
        var uri = new Uri(Client.BaseAddress + address.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, uri) { Content = body is null ? null : Json(body) };
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Asks for something that must be refused, and gives the reason.</summary>
    public async Task<string> RefusedAsync(int status, HttpMethod method, string address, string? body = null)
    {
        using var response = await SendAsync(method, address, body);
        var asked = $"{method} {address} {body?[..Math.Min(body.Length, 300)]}";
        Assert.True(status == (int)response.StatusCode, $"{asked} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return (await Problems.ReadAsync(response, asked)).GetProperty("detail").GetString()!;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}

[CollectionDefinition(RealWeb.Collection)]
public sealed class RealWebGroup : ICollectionFixture<RealWeb>;
