using System.Text.Json;
using FedRec.Integration.Tests.Web.Doubles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>A page of another site in a real browser, beside a FedRec of this machine: what it tries comes to nothing.</summary>
public sealed class ForeignPageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Attack = """
        async url => {
          const tried = [];
          const read = async (what, act) => { try { tried.push([what, await act()]); } catch { tried.push([what, 'failed']); } };
          await read('form by script', async () => (await fetch(url + 'api/v1/models/rollback', { method: 'POST', mode: 'no-cors' })).status.toString());
          await read('json', async () => (await fetch(url + 'api/v1/recommendations/u17')).text());
          await read('posted as text', async () => (await fetch(url + 'api/v1/runs', { method: 'POST', mode: 'no-cors', body: '{}', headers: { 'Content-Type': 'text/plain' } })).status.toString());
          await read('events', () => new Promise((done, failed) => {
            const stream = new EventSource(url + 'api/v1/events');
            stream.onmessage = stream.onopen = e => { stream.close(); done('opened'); };
            stream.onerror = () => { stream.close(); failed(); };
          }));
          await read('picture', () => new Promise((done, failed) => { const i = new Image(); i.onload = () => done('shown'); i.onerror = failed; i.src = url + 'fedrec/assets/x/icon.svg'; }));
          await read('script', () => new Promise((done, failed) => { const s = document.createElement('script'); s.onload = () => done('run'); s.onerror = failed; s.src = url + 'fedrec/assets/x/main.js'; document.body.append(s); }));
          return tried;
        }
        """;

    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;
    private WebApplication _foreign = null!;

    public async Task InitializeAsync()
    {
        _host = await WebHost.StartAsync(_cluster);
        Scenes.MidRun(_cluster);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _foreign = builder.Build();
        _foreign.MapGet("/", () => Results.Content("<!DOCTYPE html><title>foreign</title><body><p>Nothing to see.</p>", "text/html"));
        await _foreign.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _foreign.DisposeAsync();
        await _host.DisposeAsync();
    }

    [ChromiumFact]
    public async Task PageOfAnotherPort_ReadsAndChangesNothing()
    {
        var serving = _cluster.Federations[0].Model.Serving;
        var page = await chromium.NewPageAsync();
        await page.GotoAsync(_foreign.Urls.Single());

        var tried = await page.EvaluateAsync<JsonElement>(Attack, _host.Address.ToString());
        await page.SetContentAsync($"<form method='post' action='{_host.Address}fedrec/models/rollback'><button>win</button></form>");
        var answer = await page.RunAndWaitForResponseAsync(() => page.ClickAsync("button"), response => response.Url.Contains("rollback", StringComparison.Ordinal));

        Assert.Equal(6, tried.GetArrayLength());
        Assert.All(tried.EnumerateArray(), one => Assert.Equal("failed", one[1].GetString()));
        Assert.Equal(403, answer.Status);
        Assert.Equal(serving, _cluster.Federations[0].Model.Serving);
        Assert.Single(_cluster.Federations[0].Runs);
        await page.CloseAsync();
    }

    [ChromiumFact]
    public async Task NameThatWasBoundToThisMachine_IsMisdirected()
    {
        await using var browser = await chromium.Browser!.BrowserType.LaunchAsync(new()
        {
            ExecutablePath = ChromiumFactAttribute.Executable,
            Timeout = Chromium.Patience,
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
        });
        var page = await browser.NewPageAsync();
        page.SetDefaultTimeout(Chromium.Patience);

        var shown = await page.GotoAsync($"http://evil.example:{_host.Address.Port}/fedrec"); // its script would be of the same origin as the API
        var read = await page.EvaluateAsync<int>("async () => (await fetch('/api/v1/recommendations/u17')).status");

        Assert.Equal(421, shown!.Status);
        Assert.Equal(421, read);
    }
}
