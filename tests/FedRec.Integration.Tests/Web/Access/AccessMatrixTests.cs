using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using FedRec.Contracts.Access;
using FedRec.Integration.Tests.Web.Doubles;
using FedRec.Web;
using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedRec.Integration.Tests.Web.Access;

/// <summary>Every address that there is, with every kind of caller: let in, or 401, or 403, and what is refused reaches no grain.</summary>
public sealed class AccessMatrixTests : IAsyncLifetime, IDisposable
{
    // What an app may ask, and there is nothing else.
    private static readonly string[] s_ofApps =
    [
        "GET /api/v1/recommendations", "GET /api/v1/recommendations/{user}", "POST /api/v1/recommendations", "POST /api/v1/interactions", "DELETE /api/v1/interactions",
        "GET /api/v1/items/{item}/similar", "GET /api/v1/items/similar", "GET /api/v1/items/popular", "GET /openapi/v1.json",
    ];

    private readonly FakeCluster _cluster = new();
    private readonly TokenIssuer _issuer = new();
    private WebHost _host = null!;
    private IReadOnlyList<MappedAddress> _addresses = null!;

    public async Task InitializeAsync()
    {
        Scenes.MidRun(_cluster); // the federation movies
        _cluster.Add("books");
        _host = await WebHost.StartAsync(_cluster, _issuer.Configure, change: builder => builder.Services.AddSingleton(new AccessRates(TimeSpan.FromSeconds(1), refusedBurst: 100_000))); // it asks as nobody for long
        _addresses = EndpointList.Of(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _issuer.Dispose();

    public static TheoryData<string> Callers => ["nobody", "unknown key", "viewer", "app", "operator", "revoked operator", "expired operator", "viewer token", "app token", "operator token", "user token", "expired token", "party token", "another key with the same id"];

    [Fact]
    public void EveryEndpoint_SaysWhomItIsFor()
    {
        Assert.True(_addresses.Count > 90, "The list of addresses is the real one.");
        Assert.Empty(_addresses.Where(address => address.Endpoint.Metadata.GetMetadata<AccessNeed>() is not { Roles: not AccessRoles.None }).Select(address => address.ToString()));
        Assert.All(s_ofApps, address => Assert.Contains(address, _addresses.Select(one => one.ToString())));
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task EveryAddress_LetsInWhomItIsFor(string caller)
    {
        var (credential, role) = Credential(caller);
        var calls = 0;
        foreach (var address in _addresses)
        {
            calls = _cluster.Calls;
            using var answer = await SendAsync(address, credential, address.With());

            if (caller == "nobody" && address.Pattern.Length == 0)
            {
                Assert.EndsWith("/fedrec/login", answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
                continue;
            }

            var expected = Expected(address, role);
            var status = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? answer.StatusCode : HttpStatusCode.OK;
            Assert.True(expected == status, $"{caller} at {address}: {answer.StatusCode}, expected {expected}. {await answer.Content.ReadAsStringAsync()}");
            if (expected is not HttpStatusCode.OK && !IsOfParties(address))
            {
                Assert.Equal(calls, _cluster.Calls); // refused before anything was asked
                Assert.Equal(expected is HttpStatusCode.Unauthorized, answer.Headers.WwwAuthenticate.Count > 0);
            }
        }
    }

    [Fact]
    public async Task Endpoint_ThatDeclaresNothing_IsForNobody()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddFedRecWeb();
        await using var app = builder.Build();
        var own = new OwnRoutes(app).MapGroup("/fedrec").WithMetadata(app.Services.GetRequiredService<Mounts>().Add("/fedrec"));
        EndpointRules.Apply(own);
        own.MapGet("/forgotten", () => "secret");
        own.MapGet("/declared", () => "open").ForViewers();
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var forgotten = await client.GetAsync(new Uri("/fedrec/forgotten", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Forbidden, forgotten.StatusCode); // at loopback, where everybody is an operator
        Assert.Equal("open", await client.GetStringAsync(new Uri("/fedrec/declared", UriKind.Relative)));
    }

    // Whatever an address is told, in its path, query or body: grains of another federation are not asked.
    [Theory]
    [InlineData(AccessRole.Operator)]
    [InlineData(AccessRole.App)]
    [InlineData(AccessRole.Viewer)]
    public async Task KeyOfOneFederation_ReachesNoOther_AtAnyAddress(AccessRole role)
    {
        var (all, bound) = (_cluster.Access.Add(role), _cluster.Access.Add(role, "movies"));
        var reached = 0;
        foreach (var address in _addresses.Where(address => !IsOfParties(address)))
        {
            _cluster.TakeAsked();
            using (await SendAsync(address, all, Naming("books", address), Body("books", address)))
            {
            }

            var reaches = _cluster.TakeAsked().Contains("books");
            reached += reaches ? 1 : 0;
            using var answer = await SendAsync(address, bound, Naming("books", address), Body("books", address));
            Assert.DoesNotContain("books", _cluster.TakeAsked());
            var names = $"{Naming("books", address)} {Body("books", address)}".Contains("books", StringComparison.Ordinal) && address.Pattern.Length > 0; // the page shows its own, and says that there is no other
            Assert.True(!names || !answer.IsSuccessStatusCode, $"{address}: {answer.StatusCode}");
            Assert.True(!names || !reaches || answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound, $"{address}: {answer.StatusCode}");
        }

        Assert.True(reached >= (role == AccessRole.Operator ? 40 : 3), $"With a key of all federations {reached} addresses reach the other one: the requests are such as would.");
    }

    [Fact]
    public async Task OperatorOfOneFederation_MakesNoKeys()
    {
        var key = _cluster.Access.Add(AccessRole.Operator, "movies");
        foreach (var address in _addresses.Where(address => address.Pattern.StartsWith("/api/v1/access/", StringComparison.Ordinal)))
        {
            using var answer = await SendAsync(address, key, address.With(), Body("movies", address));

            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Fact]
    public async Task KeyOfOneFederation_IsShownThatOneOnly_AndMeansItByDefault()
    {
        var key = _cluster.Access.Add(AccessRole.Viewer, "movies"); // books is the newest

        var federations = await GetAsync("/api/v1/federations", key);
        var models = await GetAsync("/api/v1/models", key);

        Assert.Equal(["movies"], federations.EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        Assert.Equal("movies", models.GetProperty("federation").GetString());
    }

    [Fact]
    public async Task TokenOfAUser_IsGoodForThatUserOnly_HoweverAnotherIsNamed()
    {
        var token = _issuer.Token(claims => (claims["fedrec_role"], claims["sub"], claims["fedrec_federation"]) = ("user", "u17", "movies"));
        var naming = 0;
        foreach (var address in _addresses.Where(address => s_ofApps.Contains(address.ToString())))
        {
            foreach (var (user, client) in new[] { ("u18", null), ("u17", null), ("u17", "north") })
            {
                var body = Body("movies", address, user, client);
                var path = address.With(("user", user), ("item", "i1"));
                var names = address.Pattern.Contains("{user}", StringComparison.Ordinal) || body?.Contains(user, StringComparison.Ordinal) == true || address.ToString() == "DELETE /api/v1/interactions";
                naming += names && user == "u18" ? 1 : 0;

                using var answer = await SendAsync(address, token, address.ToString() == "DELETE /api/v1/interactions" ? $"{path}?user={user}&item=i1" : path, body);

                var isAnother = names && (user == "u18" || (client is not null && body is not null));
                Assert.True(isAnother == (answer.StatusCode == HttpStatusCode.Forbidden), $"{address} of {user}: {answer.StatusCode}");
            }
        }

        Assert.Equal(3, naming); // lists, and both ways of interactions
    }

    private static bool IsOfParties(MappedAddress address) => address.Pattern.StartsWith("/party/v1/", StringComparison.Ordinal);

    // The policy in words, beside what the endpoints say of themselves.
    private static HttpStatusCode Expected(MappedAddress address, AccessRoles role)
    {
        var (pattern, isRead) = (address.Pattern, address.Method is "GET" or "HEAD");
        var asGet = $"{(address.Method == "HEAD" ? "GET" : address.Method)} {pattern}";
        if (pattern.StartsWith("/health/", StringComparison.Ordinal) || pattern.StartsWith("/assets/", StringComparison.Ordinal) || pattern is "/login" or "/logout" || IsOfParties(address))
        {
            return HttpStatusCode.OK; // of parties: not for this gate; see below
        }

        var isLetIn = role switch
        {
            AccessRoles.Operator => true,
            AccessRoles.Viewer => (isRead && !pattern.StartsWith("/api/v1/access/", StringComparison.Ordinal)) || asGet == "POST /api/v1/recommendations",
            AccessRoles.App => s_ofApps.Contains(asGet) || (pattern.StartsWith("/api/", StringComparison.Ordinal) && !pattern.StartsWith("/api/v1", StringComparison.Ordinal)),
            _ => false,
        };
        return role == AccessRoles.None ? HttpStatusCode.Unauthorized : isLetIn ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
    }

    private (string? Credential, AccessRoles Role) Credential(string caller)
    {
        var access = _cluster.Access;
        return caller switch
        {
            "nobody" => (null, AccessRoles.None),
            "unknown key" => (AccessKeyText.Create().Reveal(), AccessRoles.None),
            "another key with the same id" => (access.Add(AccessRole.Operator)[..^64] + new string('0', 64), AccessRoles.None),
            "viewer" => (access.Add(AccessRole.Viewer), AccessRoles.Viewer),
            "app" => (access.Add(AccessRole.App), AccessRoles.App),
            "operator" => (access.Add(AccessRole.Operator), AccessRoles.Operator),
            "revoked operator" => (access.Add(AccessRole.Operator, change: key => key with { Revoked = DateTimeOffset.UtcNow }), AccessRoles.None),
            "expired operator" => (access.Add(AccessRole.Operator, change: key => key with { Expires = DateTimeOffset.UtcNow.AddSeconds(-1) }), AccessRoles.None),
            "viewer token" => (_issuer.Token(claims => claims["fedrec_role"] = "viewer"), AccessRoles.Viewer),
            "app token" => (_issuer.Token(claims => claims["fedrec_role"] = "app"), AccessRoles.App),
            "operator token" => (_issuer.Token(), AccessRoles.Operator),
            "user token" => (_issuer.Token(claims => (claims["fedrec_role"], claims["sub"], claims["fedrec_federation"]) = ("user", "x", "movies")), AccessRoles.App),
            "expired token" => (_issuer.Token(claims => claims["exp"] = TokenIssuer.Seconds(-3_600)), AccessRoles.None),
            "party token" => (_issuer.OtherToken(), AccessRoles.None),
            _ => throw new ArgumentException(caller),
        };
    }

    private static string Naming(string federation, MappedAddress address)
    {
        var path = address.With(("federation", federation));
        var takesIt = address.Endpoint.Metadata.OfType<MethodInfo>().LastOrDefault()?.GetParameters()
            .Any(parameter => parameter.Name == "federation" || parameter.ParameterType.GetProperty("Federation") is not null && parameter.GetCustomAttribute<AsParametersAttribute>() is not null) == true;
        var query = new List<string>();
        if (takesIt && !address.Pattern.Contains("{federation}", StringComparison.Ordinal) && Form(address) is null)
        {
            query.Add($"federation={federation}");
        }
        else if (takesIt && Form(address) is not null && address.Pattern != "/parties/begin")
        {
            query.Add($"federation={federation}");
        }

        foreach (var parameter in address.Endpoint.Metadata.OfType<MethodInfo>().LastOrDefault()?.GetParameters() ?? [])
        {
            if (parameter is { Name: "run" or "user" or "item", HasDefaultValue: false } && !address.Pattern.Contains($"{{{parameter.Name}}}", StringComparison.Ordinal))
            {
                query.Add($"{parameter.Name}=run-1");
            }
        }

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private static Type? Json(MappedAddress address) => address.Endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is { RequestType: { } type } accepts && accepts.ContentTypes.Contains("application/json") ? type : null;

    private static IAcceptsMetadata? Form(MappedAddress address) => address.Endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is { } accepts && accepts.ContentTypes.Contains("application/x-www-form-urlencoded") ? accepts : null;

    // What a body must have, and the federation where it has one.
    private static string? Body(string federation, MappedAddress address, string user = "u17", string? client = null)
    {
        if (Form(address) is not null)
        {
            return $"name=north&federation={federation}";
        }

        if (Json(address) is not { } type)
        {
            return null;
        }

        var members = new Dictionary<string, object?>();
        foreach (var property in type.GetProperties())
        {
            if (property.Name == "Federation")
            {
                members["federation"] = federation;
            }
            else if (property.GetCustomAttribute<RequiredMemberAttribute>() is not null)
            {
                members[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = property.PropertyType != typeof(string) ? Array.Empty<string>() : property.Name == "User" ? user : "i1";
            }
            else if (property.Name == "Client" && client is not null)
            {
                members["client"] = client;
            }
        }

        return JsonSerializer.Serialize(members);
    }

    private async Task<JsonElement> GetAsync(string address, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        using var answer = await _host.Client.SendAsync(request);
        return (await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync())).RootElement;
    }

    private async Task<HttpResponseMessage> SendAsync(MappedAddress address, string? credential, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(address.Method), path);
        request.Headers.Authorization = credential is null ? null : new AuthenticationHeaderValue("Bearer", credential);
        request.Content = body is null ? null : new StringContent(body, new MediaTypeHeaderValue(Form(address) is null ? "application/json" : "application/x-www-form-urlencoded"));
        return await _host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
