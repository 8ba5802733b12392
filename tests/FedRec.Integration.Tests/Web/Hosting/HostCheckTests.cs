using System.Net;

namespace FedRec.Integration.Tests.Web.Hosting;

/// <summary>A name that somebody else bound to this machine is not answered.</summary>
public sealed class HostCheckTests : IAsyncLifetime
{
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await WebHost.StartAsync(configure: options => options.Names = ["fedrec.example"]);
        Scenes.MidRun(_host.Cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("GET", "/fedrec")]
    [InlineData("GET", "/fedrec/assets/x/main.js")]
    [InlineData("GET", "/fedrec/fragments/models")]
    [InlineData("GET", "/api/v1/recommendations/u17")]
    [InlineData("GET", "/api/v1/events")]
    [InlineData("POST", "/api/v1/models/rollback")]
    [InlineData("GET", "/openapi/v1.json")]
    [InlineData("GET", "/fedrec/api")]
    public async Task Request_ForAnotherHost_IsMisdirected(string method, string address)
    {
        foreach (var name in new[] { "evil.example", "evil.example:5080", "localhost.evil.example", "10.0.0.1", "fedrec.example.evil" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address) { Headers = { Host = name } };
            using var response = await _host.Client.SendAsync(request);

            Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
            await Problems.ReadAsync(response, $"{address} of {name}");
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1")]
    [InlineData("127.0.0.1:80")]
    [InlineData("[::1]:5080")]
    [InlineData("fedrec.example")]
    [InlineData("FedRec.example:8443")]
    public async Task Request_ForLoopbackOrAGivenName_IsAnswered_AtAnyPort(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/federations") { Headers = { Host = name } };
        using var response = await _host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Probe_IsAnswered_WhateverItsName()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/ready") { Headers = { Host = "fedrec-0.pod:8080" } };
        using var response = await _host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
