using System.Net;
using System.Net.Http.Headers;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class ModelsApiTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private FakeModel _model = null!;
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        _model = _cluster.Add("movies").Model;
        _host = await WebHost.StartAsync(_cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task List_ShowsNewestFirst_AndWhichIsInUse()
    {
        _model.Add([1]);
        _model.Add([2]);

        var models = await _host.GetAsync("/api/v1/models");

        Assert.Equal(2, models.GetProperty("serving").GetInt64());
        Assert.Equal([(2, true), (1, false)], models.GetProperty("versions").EnumerateArray()
            .Select(v => (v.GetProperty("version").GetInt32(), v.GetProperty("serving").GetBoolean())));
    }

    [Fact]
    public async Task Get_ShowsTheManifest()
    {
        var manifest = _model.Add([1, 2, 3]);

        var model = await _host.GetAsync("/api/v1/models/1");

        Assert.Equal(manifest.Sha256, model.GetProperty("manifest").GetProperty("sha256").GetString());
        Assert.Equal(4, model.GetProperty("manifest").GetProperty("tensors")[0].GetProperty("rows").GetInt32());
        Assert.True(model.GetProperty("serving").GetBoolean());
        Assert.Equal("/fedrec/api/v1/models/1/content?federation=movies", model.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Content_IsTheSameBytes_ReadInSlices()
    {
        var bytes = new byte[9_000_000];
        new Random(7).NextBytes(bytes);
        var manifest = _model.Add(bytes);

        using var response = await _host.Client.GetAsync(new Uri("/api/v1/models/1/content", UriKind.Relative));

        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(bytes.Length, response.Content.Headers.ContentLength);
        Assert.Equal("movies-v1.safetensors", response.Content.Headers.ContentDisposition?.FileName);
        Assert.Equal($"\"{manifest.Sha256}\"", response.Headers.ETag?.Tag);
        Assert.Equal([0, 4 << 20, 8 << 20], _model.Reads.Select(r => r.Offset));
    }

    [Fact]
    public async Task Content_Range_IsThatPart()
    {
        _model.Add([.. Enumerable.Range(0, 100).Select(i => (byte)i)]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/models/1/content");
        request.Headers.Range = new RangeHeaderValue(90, 95);

        using var response = await _host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(new byte[] { 90, 91, 92, 93, 94, 95 }, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Content_KnownToTheCaller_IsNotSentAgain()
    {
        var manifest = _model.Add([1, 2, 3]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/models/1/content");
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue($"\"{manifest.Sha256}\""));

        using var response = await _host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    [Fact]
    public async Task Promote_PutsTheVersionInUse_AndRollbackTheOneBefore()
    {
        _model.Add([1]);
        _model.Add([2]);

        using var promoted = await _host.Client.PostAsync(new Uri("/api/v1/models/1/promote", UriKind.Relative), null);
        Assert.Equal((HttpStatusCode.OK, 1), (promoted.StatusCode, _model.Serving));

        using var rolledBack = await _host.Client.PostAsync(new Uri("/api/v1/models/rollback", UriKind.Relative), null);
        Assert.Equal((HttpStatusCode.OK, 2), (rolledBack.StatusCode, _model.Serving));
    }

    [Fact]
    public async Task Pin_MarksTheVersionUntilItIsUnpinned()
    {
        _model.Add([1]);
        _model.Add([2]);

        using var pinned = await _host.Client.PostAsync(new Uri("/api/v1/models/1/pin", UriKind.Relative), null);
        var model = await _host.GetAsync("/api/v1/models/1");
        var models = await _host.GetAsync("/api/v1/models");
        using var unpinned = await _host.Client.PostAsync(new Uri("/api/v1/models/1/unpin", UriKind.Relative), null);
        var after = await _host.GetAsync("/api/v1/models/1");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (pinned.StatusCode, unpinned.StatusCode));
        Assert.Equal((true, false), (model.GetProperty("pinned").GetBoolean(), after.GetProperty("pinned").GetBoolean()));
        Assert.Equal([false, true], models.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("pinned").GetBoolean()));
        Assert.Equal(1, models.GetProperty("previous").GetInt64());
        Assert.Equal("no version was in use", model.GetProperty("promotion").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Rollback_WithNothingBefore_Conflicts()
    {
        _model.Add([1]);

        await _host.RefusedAsync(409, "/api/v1/models/rollback", HttpMethod.Post);

        Assert.Equal(1, _model.Serving);
    }

    [Theory]
    [InlineData("/api/v1/models/9", "GET")]
    [InlineData("/api/v1/models/9/content", "GET")]
    [InlineData("/api/v1/models/9/promote", "POST")]
    [InlineData("/api/v1/models/9/pin", "POST")]
    [InlineData("/api/v1/models/9/unpin", "POST")]
    public async Task UnknownVersion_IsNotFound(string address, string method)
    {
        _model.Add([1]);

        var problem = await _host.RefusedAsync(404, address, new HttpMethod(method));

        Assert.Contains("no version 9", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Origin", "https://elsewhere.example", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("X-Nothing", "a program sends neither", 200)]
    public async Task Promote_FromAForeignPage_IsRefused(string header, string value, int status)
    {
        _model.Add([1]);
        _model.Add([2]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/models/1/promote");
        request.Headers.Add(header, value);

        using var response = await _host.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200 ? 1 : 2, _model.Serving);
    }
}
