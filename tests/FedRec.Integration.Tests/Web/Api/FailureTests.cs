using System.Net;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class FailureTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(_cluster);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Health_FollowsTheCluster()
    {
        Assert.Equal("ready", (await _host.GetAsync("/health/ready")).GetProperty("status").GetString());

        _cluster.Failure = new TimeoutException("secret");

        await _host.RefusedAsync(503, "/health/ready");
        Assert.Equal("live", (await _host.GetAsync("/health/live")).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("/api/v1/federations")]
    [InlineData("/api/v1/runs")]
    [InlineData("/api/v1/models")]
    [InlineData("/api/v1/recommendations/u1")]
    public async Task ClusterAway_IsUnavailable_AndNothingOfTheInsideIsShown(string address)
    {
        _cluster.Failure = new OrleansException("connection string: secret");

        var problem = await _host.RefusedAsync(503, address);

        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/federations")]
    [InlineData("/api/v1/events?federation=movies")]
    [InlineData("/api/v1/recommendations/u1")]
    public async Task FullStore_IsSaid_WithoutItsFolders(string address)
    {
        _cluster.Failure = new OrleansException("a grain failed", FullStore.Exception("No space left on device : '/srv/secret'"));

        var problem = await _host.RefusedAsync(507, address);

        Assert.Contains("Free some space", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Defect_IsAnInternalError_AndNothingOfTheInsideIsShown(string environment)
    {
        await using var host = await WebHost.StartAsync(_cluster, environment: environment);
        await host.RefusedAsync(404, "/api/v1/runs"); // known refusals keep their status in every environment
        _cluster.Failure = new InvalidOperationException("secret");

        var problem = await host.RefusedAsync(500, "/api/v1/federations");

        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataThatCannotBeUsed_IsNamed_WithoutItsFoldersAndWhatItHolds()
    {
        _cluster.Failure = new DataNotUsableException("/srv/secret/shop.csv, line 1: its columns are 'root:x:0'.", "/srv/secret/shop.csv, line 1: ");

        var problem = await _host.RefusedAsync(409, "/api/v1/federations");

        Assert.StartsWith("shop.csv, line 1 cannot be read as it was asked for.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("root:x", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingTrainedYet_SaysWhatToDo()
    {
        var problem = await _host.RefusedAsync(404, "/api/v1/runs");

        Assert.Contains("fedrec demo", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/nothing", "GET", 404)]
    [InlineData("/api/v1/models/latest", "GET", 404)]
    [InlineData("/api/v1/federations", "DELETE", 405)]
    public async Task AddressOrMethodThatIsUnknown_IsAProblemToo(string address, string method, int status) =>
        await _host.RefusedAsync(status, address, new HttpMethod(method));

    [Theory]
    [InlineData("/fedrec")]
    [InlineData("/api/v1/federations")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/health/live")]
    public async Task Answers_CarrySecurityHeaders_AndAreNotKept(string address)
    {
        using var response = await _host.Client.GetAsync(new Uri(address, UriKind.Relative));

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Page_WhenTheClusterIsAway_SaysSoAndTriesAgain()
    {
        _cluster.Failure = new TimeoutException("secret");

        using var response = await _host.Client.GetAsync(new Uri("/fedrec", UriKind.Relative));
        var html = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("The cluster does not answer", html, StringComparison.Ordinal);
        Assert.Contains("http-equiv=\"refresh\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", html, StringComparison.Ordinal);
    }
}
