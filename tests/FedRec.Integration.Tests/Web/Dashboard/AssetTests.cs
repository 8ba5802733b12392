using System.Net;
using System.Text.RegularExpressions;
using FedRec.Web;

namespace FedRec.Integration.Tests.Web.Dashboard;

public sealed partial class AssetTests : IAsyncLifetime
{
    private WebHost _host = null!;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Assets_OfThePage_AreServedAndMayBeKeptForEver()
    {
        var html = await _host.Client.GetStringAsync(new Uri("/fedrec", UriKind.Relative));
        var addresses = AssetAddress().Matches(html).Select(m => m.Value).ToList();

        Assert.True(addresses.Count >= 6, html);
        foreach (var address in addresses)
        {
            using var response = await _host.Client.GetAsync(new Uri(address, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(ContentType(address), response.Content.Headers.ContentType?.MediaType);
            Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync());
            Assert.Contains("immutable", response.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Asset_OfAnotherBuild_IsAskedForAgainByItsTag()
    {
        using var first = await _host.Client.GetAsync(new Uri("/fedrec/assets/old/main.js", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fedrec/assets/old/main.js");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await _host.Client.SendAsync(request);

        Assert.True(first.Headers.CacheControl?.NoCache);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task Scripts_ImportOnlyWhatIsServed()
    {
        var seen = new HashSet<string>();
        var open = new Queue<string>(["main.js"]);
        while (open.TryDequeue(out var name))
        {
            var script = await _host.Client.GetStringAsync(new Uri($"/fedrec/assets/x/{name}", UriKind.Relative)); // 404 throws
            foreach (var import in Import().Matches(script).Select(m => m.Groups[1].Value).Where(seen.Add))
            {
                open.Enqueue(import);
            }
        }

        Assert.Contains("charts.js", seen);
    }

    [Fact]
    public async Task BrokenConnection_IsShownWithinFiveSeconds()
    {
        var script = await _host.Client.GetStringAsync(new Uri("/fedrec/assets/x/connection.js", UriKind.Relative));
        var times = Times().Match(script);

        // Silent from just after an answer: a pause, then the next question's patience.
        Assert.InRange(Milliseconds(1) + Milliseconds(2), 1, 4_500);
        Assert.True(Milliseconds(2) > new FedRecWebOptions().ReadyTimeout.TotalMilliseconds, "The server's own answer, that the cluster is away, must come first.");

        int Milliseconds(int group) => int.Parse(times.Groups[group].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("nothing.js")]
    [InlineData("..%2FFedRecWebOptions.cs")]
    public async Task Asset_ThatIsUnknown_IsNotFound(string name) => await _host.RefusedAsync(404, $"/fedrec/assets/x/{name}");

    [Fact]
    public async Task VendoredLicence_IsServedWithTheLibrary()
    {
        var licence = await _host.Client.GetStringAsync(new Uri("/fedrec/assets/x/uPlot.LICENSE.txt", UriKind.Relative));

        Assert.Contains("The MIT License", licence, StringComparison.Ordinal);
    }

    private static string ContentType(string address) => Path.GetExtension(address) switch
    {
        ".js" => "text/javascript",
        ".css" => "text/css",
        _ => "image/svg+xml",
    };

    [GeneratedRegex("/fedrec/assets/[^\"]+")]
    private static partial Regex AssetAddress();

    [GeneratedRegex("pause = (\\d+), patience = (\\d+)")]
    private static partial Regex Times();

    [GeneratedRegex("(?:from|import\\() ?\"\\./([^\"]+)\"")]
    private static partial Regex Import();
}
