using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FedRec.Contracts.Access;
using FedRec.Integration.Tests.Web.Doubles;
using FedRec.Web;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Integration.Tests.Web.Access;

/// <summary>Who is asked, from when on, and for how long an answer holds.</summary>
public sealed class AccessGateTests
{
    private const string Elsewhere = "203.0.113.9";
    private readonly FakeCluster _cluster = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly ConcurrentQueue<string> _log = new();

    [Theory]
    [InlineData("127.0.0.1", false, HttpStatusCode.OK)]
    [InlineData("::1", false, HttpStatusCode.OK)]
    [InlineData("::ffff:127.0.0.1", false, HttpStatusCode.OK)]
    [InlineData(Elsewhere, false, HttpStatusCode.Forbidden)]
    [InlineData(Elsewhere, true, HttpStatusCode.OK)]
    public async Task Caller_WhereThereIsNoKey_IsAnOperatorAtThisMachine_AndNobodyElsewhere(string from, bool insecure, HttpStatusCode status)
    {
        await using var host = await StartAsync(from, options => options.Access.InsecureNoAuth = insecure);

        Assert.Equal(status, await StatusAsync(host, null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, null, "/health/live"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData(Elsewhere)]
    public async Task FromTheFirstKeyOn_EverybodyIsAsked_AlsoWhenItIsGoodNoMore(string from)
    {
        await using var host = await StartAsync(from, options => options.Access.InsecureNoAuth = true);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, null));

        var key = _cluster.Access.Add(AccessRole.Viewer);
        _time.Advance(KnownKeys.Fresh);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, key));
        _cluster.Access.Revoke(key);
        _time.Advance(KnownKeys.Fresh);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, key));
    }

    [Fact]
    public async Task Everybody_WhereItIsRequired_IsAsked_ThoughThereIsNoKey()
    {
        await using var host = await StartAsync(change: options => options.Access.Required = true);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, null));
    }

    [Fact]
    public async Task Requests_CostNoGrainCall_AndARevokedKeyIsSoonNoGood()
    {
        var key = _cluster.Access.Add(AccessRole.Viewer);
        await using var host = await StartAsync();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, key));
        }

        Assert.Equal(1, _cluster.Access.Reads);
        _cluster.Access.Revoke(key);
        _time.Advance(KnownKeys.Fresh - TimeSpan.FromTicks(1));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, key));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, key));
    }

    [Fact]
    public async Task NewKey_IsKnownWithinASecond_AndGuessesCostOneCallASecond()
    {
        _cluster.Access.Add(AccessRole.Viewer);
        await using var host = await StartAsync();
        await StatusAsync(host, null);
        var key = _cluster.Access.Add(AccessRole.Viewer);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, key));
        _time.Advance(KnownKeys.FreshForANewOne);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, key));
        var reads = _cluster.Access.Reads;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, AccessKeyText.Create().Reveal()));
        }

        Assert.Equal(reads, _cluster.Access.Reads);
    }

    [Fact]
    public async Task Key_ThatExpires_IsNoGoodFromThatMomentOn()
    {
        var key = _cluster.Access.Add(AccessRole.Viewer, change: one => one with { Expires = _time.GetUtcNow().AddSeconds(2) });
        await using var host = await StartAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, key));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, key));
    }

    [Fact]
    public async Task Key_WhileTheClusterIsAway_IsBelievedForAMinute_AndThenNobodyIs()
    {
        var key = _cluster.Access.Add(AccessRole.Viewer);
        await using var host = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, key, "/openapi/v1.json"));
        _cluster.Failure = new TimeoutException();

        _time.Advance(KnownKeys.Longest - TimeSpan.FromTicks(1));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, key, "/openapi/v1.json"));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(host, key, "/openapi/v1.json"));
        _cluster.Failure = null;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, key, "/openapi/v1.json"));
    }

    [Fact]
    public async Task Use_IsToldTheCluster_OnceForAllRequests()
    {
        var (used, unused) = (_cluster.Access.Add(AccessRole.Viewer), _cluster.Access.Add(AccessRole.Viewer));
        await using var host = await StartAsync();
        await StatusAsync(host, used);
        await StatusAsync(host, used);
        await StatusAsync(host, unused[..^1] + (unused[^1] == '0' ? '1' : '0'));

        _time.Advance(KnownKeys.Fresh);
        await StatusAsync(host, used, "/openapi/v1.json");

        Assert.Equal([AccessKeyText.Read(used)!.Id], _cluster.Access.Used);
    }

    [Fact]
    public async Task Secrets_AreInNoLogAndNoAnswer_WhateverBecomesOfThem()
    {
        using var issuer = new TokenIssuer();
        var (good, revoked, strange) = (_cluster.Access.Add(AccessRole.Viewer), _cluster.Access.Add(AccessRole.Viewer), AccessKeyText.Create().Reveal());
        _cluster.Access.Revoke(revoked);
        string[] secrets = [good, revoked, strange, "the-configured-key-of-an-operator", issuer.Token(), issuer.OtherToken(), issuer.Token(algorithm: "none")];
        await using var host = await StartAsync(change: options =>
        {
            issuer.Configure(options);
            options.Access.Key = "the-configured-key-of-an-operator";
        });

        foreach (var secret in secrets)
        {
            foreach (var address in new[] { "/api/v1/federations", "/fedrec", "/api/v1/models/rollback", "/api/v1/nothing" })
            {
                foreach (var header in new[] { new AuthenticationHeaderValue("Bearer", secret), new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"me:{secret}"))) })
                {
                    using var request = new HttpRequestMessage(address.EndsWith("rollback", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, address) { Headers = { Authorization = header } };
                    using var answer = await host.Client.SendAsync(request);
                    _log.Enqueue($"{answer.Headers}{await answer.Content.ReadAsStringAsync()}");
                }
            }
        }

        Assert.Contains(_log, line => line.Contains("was revoked", StringComparison.Ordinal));
        Assert.Contains(_log, line => line.Contains("Request starting", StringComparison.Ordinal)); // logs are seen
        Assert.DoesNotContain(_log, line => secrets.Any(secret => line.Contains(secret[^16..], StringComparison.Ordinal) || line.Contains(secret[..^8][^16..], StringComparison.Ordinal)));
    }

    private static async Task<HttpStatusCode> StatusAsync(WebHost host, string? key, string address = "/api/v1/federations")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var answer = await host.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private Task<WebHost> StartAsync(string from = "127.0.0.1", Action<FedRecWebOptions>? change = null) => WebHost.StartAsync(_cluster, change, change: builder =>
    {
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddSingleton(new AccessRates(TimeSpan.FromSeconds(1), refusedBurst: 1_000));
        builder.Services.AddSingleton<IStartupFilter>(new ComesFrom(IPAddress.Parse(from)));
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddFilter<Lines>(_ => true).AddProvider(new Lines(_log));
    });

    private sealed class ComesFrom(IPAddress address) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                context.Connection.RemoteIpAddress = address;
                return following(context);
            });
            next(app);
        };
    }

    private sealed class Lines(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
