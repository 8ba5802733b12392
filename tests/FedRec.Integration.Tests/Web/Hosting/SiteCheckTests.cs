using System.Net;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Hosting;

/// <summary>A page of another site steers and reads nothing, at loopback too.</summary>
public sealed class SiteCheckTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await WebHost.StartAsync(_cluster);
        Scenes.MidRun(_cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task EveryAddress_AskedByAForeignPage_IsRefused_AndNoGrainHearsOfIt()
    {
        var addresses = EndpointList.Of(_host);
        var calls = _cluster.Calls;

        foreach (var address in addresses)
        {
            Assert.Equal((address.ToString(), HttpStatusCode.Forbidden), (address.ToString(), await StatusAsync(address.Method, address.With(), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors"))));
            Assert.Equal((address.ToString(), HttpStatusCode.Forbidden), (address.ToString(), await StatusAsync(address.Method, address.With(), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "no-cors"))));
            Assert.Equal((address.ToString(), HttpStatusCode.Forbidden), (address.ToString(), await StatusAsync(address.Method, address.With(), ("Origin", "https://elsewhere.example"))));
            Assert.Equal((address.ToString(), HttpStatusCode.Forbidden), (address.ToString(), await StatusAsync(address.Method, address.With(), ("Origin", "null"))));
        }

        Assert.True(addresses.Count > 80, "The list of addresses is the real one.");
        Assert.Equal(calls, _cluster.Calls);
    }

    [Theory]
    [InlineData("GET", "document", HttpStatusCode.OK)] // a link
    [InlineData("GET", "iframe", HttpStatusCode.Forbidden)]
    [InlineData("POST", "document", HttpStatusCode.Forbidden)] // a form
    public async Task Navigation_FromAnotherSite_IsALinkOrNothing(string method, string destination, HttpStatusCode status) => Assert.Equal(status, await StatusAsync(
        method, method == "GET" ? "/fedrec" : "/fedrec/models/rollback", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", destination)));

    private async Task<HttpStatusCode> StatusAsync(string method, string address, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await _host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }
}
