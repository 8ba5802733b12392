using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
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
    private readonly (string Storage, IReadOnlyDictionary<string, string> Variables, TextWriter? Error, string[] Line) _how = ("memory", new Dictionary<string, string>(), null, []);
    private FedRecSession _session = null!;

    public RealWeb()
    {
    }

    /// <param name="storage">Where it keeps what it keeps.</param>
    /// <param name="variables">Its environment.</param>
    /// <param name="error">Its standard error.</param>
    /// <param name="line">Options of the command line.</param>
    internal RealWeb(string storage, IReadOnlyDictionary<string, string> variables, TextWriter error, params string[] line) => _how = (storage, variables, error, line);

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Where requests may name data.</summary>
    public string DataRoot => Path.Combine(Folder, "data");

    /// <summary>Where it is started, with its data folder.</summary>
    public string Folder => _folder.Path;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(DataRoot);
        var variables = new Dictionary<string, string>(_how.Variables) { ["FEDREC__Web__DataRoot"] = DataRoot, ["FEDREC__Silo__Labels"] = $"owner=fedrec,{Label}" };
        var terminal = CommandRun.Terminal(_folder.Path, error: _how.Error, variables: variables);
        var context = new CommandContext(terminal, _how.Line.Length == 0 ? new RootCommand().Parse("") : CliApp.CreateRoot(terminal).Parse(_how.Line));
        _session = await FedRecSession.OpenAsync(context, new SessionPlan("demo", context.Settings, _how.Storage) { WebPort = 0 }, CancellationToken.None);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _session.Web, Timeout = TimeSpan.FromMinutes(4) };
        if (variables.GetValueOrDefault("FEDREC__Web__ApiKey") is { } key)
        {
            Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

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
