using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedRec.Integration.Tests.Web.Doubles;
using FedRec.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FedRec.Integration.Tests.Web.Hosting;

/// <summary>FedRec as a guest in somebody's web application: it is below its prefix, and nothing else changes.</summary>
public sealed partial class GuestTests : IAsyncLifetime, IDisposable
{
    private const string Prefix = "/shop/advice";
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _app = Build(fedRec: true);
        await _app.StartAsync();
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/missing")]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/openapi/v1.json")]
    [InlineData("GET", "/api/v1/runs")]
    [InlineData("GET", "/order/a%2Fb")]
    [InlineData("GET", "/broken")]
    [InlineData("GET", "/open")]
    [InlineData("POST", "/orders")]
    [InlineData("PUT", "/orders")]
    public async Task Host_WithFedRec_AnswersItsOwnRequestsAsWithout(string method, string address)
    {
        await using var alone = Build(fedRec: false);
        await alone.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(alone.Urls.Single()) };

        Assert.Equal(await DescribeAsync(client, method, address), await DescribeAsync(_client, method, address));
    }

    [Fact]
    public async Task Api_InAHostWithOtherJson_SpeaksItsOwn()
    {
        var runs = await _client.GetFromJsonAsync<JsonElement>($"{Prefix}/api/v1/runs");
        using var started = await _client.PostAsync($"{Prefix}/api/v1/runs", JsonContent.Create(new { federation = "shop", learnerOptions = new { dims = "4" } }));
        using var misspelt = await _client.PostAsync($"{Prefix}/api/v1/runs", JsonContent.Create(new { federatoin = "shop" }));

        Assert.True(runs[0].TryGetProperty("roundsDone", out _), runs[0].GetRawText()); // the host writes rounds_done
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        Assert.StartsWith($"{Prefix}/api/v1/runs/", started.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, misspelt.StatusCode);
        Assert.Contains("federatoin", await misspelt.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenApi_BelowThePrefix_DescribesFedRecOnlyAndInItsOwnJson()
    {
        var document = await _client.GetFromJsonAsync<JsonElement>($"{Prefix}/openapi/v1.json");

        Assert.Equal(Prefix, document.GetProperty("servers")[0].GetProperty("url").GetString());
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        Assert.Contains("/api/v1/runs", paths);
        Assert.All(paths, path => Assert.True(path.StartsWith("/api/v1/", StringComparison.Ordinal) || path.StartsWith("/health/", StringComparison.Ordinal) || path.StartsWith("/party/v1/", StringComparison.Ordinal), path));
        Assert.Equal("listRuns", document.GetProperty("paths").GetProperty("/api/v1/runs").GetProperty("get").GetProperty("operationId").GetString());
        Assert.True(document.GetProperty("components").GetProperty("schemas").GetProperty("RunView").GetProperty("properties").TryGetProperty("roundsDone", out _));
    }

    [Fact]
    public async Task Addresses_BelowThePrefix_StayBelowIt()
    {
        var page = await _client.GetStringAsync(Prefix);
        using var missing = await _client.GetAsync($"{Prefix}/api/v1/runs/run-77");
        var model = await _client.GetFromJsonAsync<JsonElement>($"{Prefix}/api/v1/models/1");

        Assert.DoesNotMatch("""(?:href|src|action|data-[a-z-]+)="/(?!shop/advice)""", page);
        Assert.Matches("""href="/shop/advice/api""", page);
        Assert.Contains($"GET {Prefix}/api/v1/runs", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.StartsWith($"{Prefix}/api/v1/models/1/content", model.GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequireAuthorization_OnTheWhole_HoldsForEveryEndpoint()
    {
        await using var app = Build(fedRec: true, authorized: true);
        await app.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };
        var ours = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith(Prefix, StringComparison.Ordinal)).ToList();

        Assert.True(ours.Count > 30, $"{ours.Count} endpoints");
        foreach (var endpoint in ours)
        {
            var address = string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part =>
                part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart text ? text.Content : "1"))));
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), $"/{address}");
                using var response = await client.SendAsync(request);
                Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} /{address} answered {(int)response.StatusCode}");
                request.Dispose();
                using var known = new HttpRequestMessage(new HttpMethod(method), $"/{address}") { Headers = { { "Authorization", "Bearer known" } } };
                using var answer = await client.SendAsync(known, HttpCompletionOption.ResponseHeadersRead);
                Assert.NotEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("fedrec")]
    [InlineData("/fedrec/")]
    [InlineData("/a//b")]
    [InlineData("/{id}")]
    [InlineData("/shop/advice/more")]
    public void MapFedRec_WithAPrefixThatIsNotUsable_SaysSo(string prefix) =>
        Assert.Contains(prefix, Assert.Throws<ArgumentException>(() => _app.MapFedRec(prefix)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task MapFedRec_Twice_AnswersAtBoth()
    {
        await using var app = Build(fedRec: true);
        app.MapFedRec("/second");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        Assert.Contains("\"/second/", await client.GetStringAsync("/second"), StringComparison.Ordinal);
        Assert.Contains($"\"{Prefix}/", await client.GetStringAsync(Prefix), StringComparison.Ordinal);
    }

    // Status, body and headers, without what differs from one process to the next.
    private static async Task<string> DescribeAsync(HttpClient client, string method, string address)
    {
        var uri = new Uri(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), uri) { Content = method == "POST" ? JsonContent.Create(new { first_name = "Ada", extra = 1 }) : null };
        using var response = await client.SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal);
        var body = (await response.Content.ReadAsStringAsync()).Replace(client.BaseAddress.Authority, "HOST", StringComparison.Ordinal);
        return $"{(int)response.StatusCode}\n{string.Join('\n', headers)}\n\n{TraceId().Replace(body, "")}";
    }

    [GeneratedRegex("\"trace_?id\":\"[^\"]*\"", RegexOptions.IgnoreCase)]
    private static partial Regex TraceId();

    private static WebApplication Build(bool fedRec, bool authorized = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["shop"] = "own");
        builder.Services.AddOpenApi();
        builder.Services.AddAuthentication("known").AddScheme<AuthenticationSchemeOptions, KnownPeople>("known", null);
        builder.Services.AddAuthorization();
        if (fedRec)
        {
            var cluster = new FakeCluster();
            Scenes.MidRun(cluster);
            builder.Services.AddSingleton<IGrainFactory>(cluster);
            builder.Services.AddFedRecWeb();
        }

        var app = builder.Build();
        app.UseExceptionHandler();
        app.MapOpenApi();
        app.MapGet("/", () => "the shop's own page");
        app.MapGet("/order/{id}", (string id) => new { OrderId = id }).WithName("listRuns"); // a name that FedRec has too
        app.MapGet("/broken", string () => throw new InvalidOperationException("broken"));
        app.MapGet("/open", () => Results.Problem("closed", statusCode: 409));
        app.MapPost("/orders", (Customer customer) => customer);
        if (fedRec)
        {
            var endpoints = app.MapFedRec(Prefix);
            if (authorized)
            {
                endpoints.RequireAuthorization();
            }
        }

        return app;
    }

    private sealed record Customer(string FirstName);

    private sealed class KnownPeople(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Request.Headers.Authorization == "Bearer known"
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity("known")), Scheme.Name))
            : AuthenticateResult.NoResult());
    }
}
