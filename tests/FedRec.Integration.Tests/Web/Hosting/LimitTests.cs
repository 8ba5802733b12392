using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Options;

namespace FedRec.Integration.Tests.Web.Hosting;

/// <summary>What every endpoint holds to: small bodies, known encodings, HEAD as GET, and problems whatever the caller accepts.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await WebHost.StartAsync();
        Scenes.MidRun(_host.Cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("/api/v1/runs", 64 << 10)]
    [InlineData("/api/v1/interactions", 64 << 10)]
    [InlineData("/api/v1/recommendations", 2 << 20)]
    public async Task Body_BeyondTheLimit_IsTooLarge_WhetherItsLengthIsSaidOrNot(string address, int limit)
    {
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(new string(' ', limit + 1), Encoding.UTF8, "application/json") };
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await _host.Client.SendAsync(request);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            await Problems.ReadAsync(response, address);
        }
    }

    [Theory]
    [InlineData("application/json; charset=klingon")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task Body_OfAnotherKind_IsUnsupported(string? type)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        await _host.RefusedAsync(415, "/api/v1/runs", HttpMethod.Post, content);
    }

    [Fact]
    public async Task Body_ThatIsPacked_IsUnsupported()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        content.Headers.ContentEncoding.Add("gzip");

        await _host.RefusedAsync(415, "/api/v1/runs", HttpMethod.Post, content);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/event-stream")]
    [InlineData("image/png")]
    public async Task Refusal_IsAProblem_WhateverTheCallerAccepts(string accept)
    {
        foreach (var address in new[] { "/nothing", "/fedrec/nothing", "/api/v1/nothing", "/api/v1/runs/run-99/events", "/api/v1/runs?x=1" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue(accept) } } };
            using var response = await _host.Client.SendAsync(request);

            await Problems.ReadAsync(response, address);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/fedrec")]
    [InlineData("/fedrec/assets/x/main.js")]
    [InlineData("/api/v1/federations")]
    [InlineData("/api/v1/runs")]
    [InlineData("/api/v1/runs/run-3/events")]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/models/1/content")]
    [InlineData("/api/v1/runs/run-99")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/fedrec/api")]
    [InlineData("/fedrec/api/scalar.js")]
    public async Task Head_IsAnsweredAsGet_WithoutABody(string address)
    {
        using var get = await _host.Client.GetAsync(new Uri(address, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var request = new HttpRequestMessage(HttpMethod.Head, address);
        using var head = await _host.Client.SendAsync(request);

        Assert.Equal((get.StatusCode, get.Content.Headers.ContentType), (head.StatusCode, head.Content.Headers.ContentType));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("path")]
    [InlineData("schema")]
    [InlineData("contextData")]
    public async Task File_OfARequest_IsRefused_WhereNoDataRootIsConfigured(string member)
    {
        foreach (var path in new[] { "/etc/passwd", "no/such/file", "" })
        {
            using var content = JsonContent.Create(new Dictionary<string, string> { [member] = path });
            var problem = await _host.RefusedAsync(400, "/api/v1/federations/movies/simulation", HttpMethod.Put, content);

            Assert.StartsWith($"'{member}' names a file, and this server opens none for a request: FedRec:Web:DataRoot is not set.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task DataRoot_ThatIsNotThere_StopsTheHostAtItsStart() =>
        Assert.Contains("DataRoot must be an existing folder", (await Assert.ThrowsAsync<OptionsValidationException>(() => WebHost.StartAsync(configure: web => web.DataRoot = "/no/such/folder"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task StoreAway_IsUnavailable_AndSaysWhenToComeBack()
    {
        _host.Cluster.Failure = new TimeoutException();

        using var response = await _host.Client.PostAsync(new Uri("/api/v1/models/rollback", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }
}
