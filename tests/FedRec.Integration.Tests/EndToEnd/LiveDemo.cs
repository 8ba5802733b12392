using System.Text.Json;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary><c>demo --once</c>, then a second start that stays up: what it serves was trained by the first.</summary>
public sealed class LiveDemo : IAsyncLifetime
{
    private FedRecProcess _demo = null!;

    public FedRecHome Home { get; } = new();

    /// <summary>The answer of the first start.</summary>
    public JsonElement First { get; private set; }

    /// <summary>What the second start has said.</summary>
    public string Said => _demo.Error;

    public HttpClient Web { get; } = new() { Timeout = FedRecProcess.Limit };

    public async Task InitializeAsync()
    {
        First = (await Home.RunAsync("demo", "--once", "--port", "0", "--format", "json")).Json;
        _demo = Home.Start("demo", "--port", "0");
        var line = await _demo.WaitForAsync("watch it live at ");
        await _demo.WaitForAsync("Ctrl-C ends it.");
        Web.BaseAddress = new Uri(new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]), "/");
    }

    public async Task DisposeAsync()
    {
        Web.Dispose();
        await Home.DisposeAsync();
    }

    public async Task<JsonElement> GetAsync(string address) => JsonDocument.Parse(await Web.GetStringAsync(address)).RootElement;
}
