using FedRec.Integration.Tests.Web.Doubles;
using Microsoft.Playwright;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>The page in a real browser, over a cluster that a test makes up.</summary>
public abstract class PageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private IPage? _page;
    private volatile string? _storeProblem;

    private protected FakeCluster Cluster { get; } = new();

    private protected WebHost Host { get; set; } = null!;

    /// <summary>What the browser has complained of.</summary>
    protected List<string> Complaints { get; } = [];

    /// <summary>Where the page is.</summary>
    protected Uri Address => Host.Address;

    /// <summary>What is wrong with the store; null for nothing.</summary>
    protected string? StoreProblem
    {
        get => _storeProblem;
        set => _storeProblem = value;
    }

    public async Task InitializeAsync() => Host = await WebHost.StartAsync(Cluster, o =>
    {
        o.Heartbeat = TimeSpan.FromSeconds(1);
    }, storeProblem: () => _storeProblem);

    public async Task DisposeAsync()
    {
        await (_page?.CloseAsync() ?? Task.CompletedTask);
        await Host.DisposeAsync();
    }

    protected async Task<IPage> OpenAsync(string address, int width = 1280)
    {
        var page = _page = await chromium.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });
        page.PageError += (_, error) => Complaints.Add(error);
        page.Console += (_, message) => Complaints.AddRange(message.Type == "error" ? [message.Text] : []); // such as a broken policy
        await page.GotoAsync(new Uri(Address, address).ToString());
        return page;
    }

    protected static Task ExpectAsync(ILocator element, string text) =>
        Assertions.Expect(element).ToHaveTextAsync(text);
}
