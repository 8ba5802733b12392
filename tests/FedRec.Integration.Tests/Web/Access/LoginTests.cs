using System.Net;
using FedRec.Contracts.Access;
using FedRec.Integration.Tests.Web.Doubles;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Integration.Tests.Web.Access;

/// <summary>People log in to the page by a key; the cookie is no key, ends with it, and changes nothing by itself.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private string _scheme = "http";
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        Scenes.MidRun(_cluster);
        _host = await WebHost.StartAsync(_cluster, options => options.Access.Required = true, change: builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_time);
            builder.Services.AddSingleton<IStartupFilter>(new Scheme(() => _scheme));
        });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Page_LeadsToTheLogin_AndFromThereToThePage()
    {
        var key = _cluster.Access.Add(AccessRole.Viewer);

        using var page = await SendAsync(HttpMethod.Get, "/fedrec");
        using var login = await SendAsync(HttpMethod.Get, "/fedrec/login");
        var (cookie, raw) = await EnterAsync(key);
        using var shown = await SendAsync(HttpMethod.Get, "/fedrec", cookie);
        using var asked = await SendAsync(HttpMethod.Get, "/api/v1/models", cookie);

        Assert.Equal((HttpStatusCode.Redirect, "/fedrec/login"), (page.StatusCode, page.Headers.Location?.OriginalString));
        Assert.Contains("type=\"password\"", await login.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("httponly", raw, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", raw, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secure", raw, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(key[^64..], raw, StringComparison.Ordinal);
        Assert.Contains("Log out", await shown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
    }

    [Fact]
    public async Task Cookie_ByHttps_IsSecure()
    {
        _scheme = "https";

        Assert.Contains("secure", (await EnterAsync(_cluster.Access.Add(AccessRole.Viewer))).Raw, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task KeyThatIsNotGood_IsRefused_AndNotShown()
    {
        var (strange, revoked) = (AccessKeyText.Create().Reveal(), _cluster.Access.Add(AccessRole.Operator));
        _cluster.Access.Revoke(revoked);

        foreach (var key in new[] { strange, revoked, "", "<script>alert(1)</script>" })
        {
            using var answer = await SendAsync(HttpMethod.Post, "/fedrec/login", form: new() { ["key"] = key });
            var html = await answer.Content.ReadAsStringAsync();

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            Assert.Contains("role=\"alert\"", html, StringComparison.Ordinal);
            Assert.True(key.Length == 0 || !html.Contains(key, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("Sec-Fetch-Site", "none", false)] // typed into the address, or nothing that a page says
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Origin", "https://elsewhere.example", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Origin", "own", true)]
    public async Task Change_ByACookie_MustComeFromItsOwnPage(string? header, string? value, bool isDone)
    {
        var (cookie, _) = await EnterAsync(_cluster.Access.Add(AccessRole.Operator));
        var before = _cluster.Federations[0].Model.Serving;

        using var answer = await SendAsync(HttpMethod.Post, "/api/v1/models/1/promote", cookie, header is null ? null : (header, value == "own" ? _host.Address.GetLeftPart(UriPartial.Authority) : value!));

        Assert.Equal(isDone ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(isDone ? 1 : before, _cluster.Federations[0].Model.Serving);
    }

    [Fact]
    public async Task Login_EndsWithItsKey_WithLogout_AndAfterHoursWithoutUse()
    {
        var (one, two) = (_cluster.Access.Add(AccessRole.Viewer), _cluster.Access.Add(AccessRole.Viewer, change: key => key with { Expires = key.Expires.AddDays(9) }));
        var ((first, _), (second, _)) = (await EnterAsync(one), await EnterAsync(two));
        _cluster.Access.Revoke(one);
        _time.Advance(KnownKeys.Fresh);

        using var revoked = await SendAsync(HttpMethod.Get, "/api/v1/models", first);
        using var good = await SendAsync(HttpMethod.Get, "/api/v1/models", second);
        using var left = await SendAsync(HttpMethod.Post, "/fedrec/logout", second, ("Sec-Fetch-Site", "same-origin"));
        using var broken = await SendAsync(HttpMethod.Get, "/api/v1/models", second[..^3] + "AAA");
        _time.Advance(TimeSpan.FromHours(9));
        using var late = await SendAsync(HttpMethod.Get, "/api/v1/models", second);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (revoked.StatusCode, good.StatusCode));
        Assert.Contains("fedrec=;", Assert.Single(left.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (broken.StatusCode, late.StatusCode));
    }

    [Fact]
    public async Task Page_OffersAViewer_NoButtonThatWouldBeRefused()
    {
        var ((viewer, _), (operators, _)) = (await EnterAsync(_cluster.Access.Add(AccessRole.Viewer)), await EnterAsync(_cluster.Access.Add(AccessRole.Operator)));
        string[] addresses = ["/fedrec", "/fedrec/fragments/models"];

        foreach (var address in addresses)
        {
            using var looked = await SendAsync(HttpMethod.Get, address, viewer);
            using var changed = await SendAsync(HttpMethod.Get, address, operators);
            var (forViewer, forOperator) = (await looked.Content.ReadAsStringAsync(), await changed.Content.ReadAsStringAsync());

            Assert.DoesNotContain("method=\"post\"", forViewer.Replace("<form class=\"who\" method=\"post\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("data-api", forViewer, StringComparison.Ordinal);
            Assert.Contains("Promote", forOperator, StringComparison.Ordinal);
        }
    }

    private async Task<(string Cookie, string Raw)> EnterAsync(string key)
    {
        _time.Advance(KnownKeys.FreshForANewOne);
        using var answer = await SendAsync(HttpMethod.Post, "/fedrec/login", form: new() { ["key"] = key });
        Assert.Equal((HttpStatusCode.Redirect, "/fedrec"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        var raw = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        return (raw[..raw.IndexOf(';')], raw);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, string? cookie = null, (string Name, string Value)? header = null, Dictionary<string, string>? form = null)
    {
        using var request = new HttpRequestMessage(method, address) { Content = form is null ? null : new FormUrlEncodedContent(form) };
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        if (header is { } given)
        {
            request.Headers.Add(given.Name, given.Value);
        }

        return await _host.Client.SendAsync(request);
    }

    private sealed class Scheme(Func<string> scheme) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                context.Request.Scheme = scheme();
                return following(context);
            });
            next(app);
        };
    }
}
