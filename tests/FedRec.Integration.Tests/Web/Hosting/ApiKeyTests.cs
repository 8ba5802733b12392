using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace FedRec.Integration.Tests.Web.Hosting;

/// <summary>Where there is a key, nothing but the probes answers without it: page, API, assets and documents alike.</summary>
public sealed class ApiKeyTests : IAsyncLifetime
{
    private const string Key = "a-key-of-more-than-16-signs";
    private WebHost _host = null!;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(apiKey: Key);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("/fedrec", HttpStatusCode.OK)]
    [InlineData("/fedrec/api/v1/federations", HttpStatusCode.OK)]
    [InlineData("/api/v1/federations", HttpStatusCode.OK)]
    [InlineData("/FEDREC/health/../api/v1/federations", HttpStatusCode.OK)]
    [InlineData("/openapi/v1.json", HttpStatusCode.OK)]
    public async Task Address_WithoutTheKey_IsRefused_AndWithItAnswers(string address, HttpStatusCode with)
    {
        Assert.Equal(address == "/fedrec" ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized, await StatusAsync(address, null)); // to the login
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(address, new AuthenticationHeaderValue("Bearer", Key + "x")));
        Assert.Equal(address == "/fedrec" ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized, await StatusAsync(address, new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{Key}")))));
        Assert.Equal(with, await StatusAsync(address, new AuthenticationHeaderValue("Bearer", Key)));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/fedrec/health/ready")]
    public async Task Probe_NeedsNoKey(string address) => Assert.NotEqual(HttpStatusCode.Unauthorized, await StatusAsync(address, null));

    [Fact]
    public async Task Refusal_IsAProblemThatSaysHow()
    {
        using var answer = await _host.Client.GetAsync("/api/v1/runs");

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["Bearer"], answer.Headers.WwwAuthenticate.Select(one => one.Scheme));
        Assert.Contains("Authorization: Bearer KEY", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> StatusAsync(string address, AuthenticationHeaderValue? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = authorization;
        using var answer = await _host.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
