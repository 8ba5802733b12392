using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FedRec.Integration.Tests.Storage;
using FedRec.Integration.Tests.Web.Doubles;
using FedRec.Web.Access;

namespace FedRec.Integration.Tests.Web.Access;

/// <summary>Tokens are taken when all of them is right, and refused with the reason when anything is not.</summary>
public sealed class TokenTests : IAsyncLifetime, IDisposable
{
    private static readonly Dictionary<string, (Func<TokenIssuer, string> Token, string Reason)> s_wrong = new()
    {
        ["algorithm none"] = (issuer => issuer.Token(algorithm: "none"), "not signed"),
        ["the public key as a shared secret"] = (issuer => issuer.Token(algorithm: "HS256"), "not signed"),
        ["the public key's text as a shared secret"] = (issuer => issuer.Token(algorithm: "HS256 of the text"), "not signed"),
        ["an algorithm that is not listed"] = (issuer => issuer.Token(algorithm: "PS256"), "not signed"),
        ["another key"] = (issuer => issuer.OtherToken(), "not signed"),
        ["another key, in the header"] = (issuer => issuer.OtherToken(header => header["jwk"] = issuer.OtherKey()), "not signed"),
        ["another algorithm in the header"] = (issuer => issuer.Token(header: header => header["alg"] = "RS256"), "not signed"),
        ["no audience"] = (issuer => issuer.Token(claims => claims.Remove("aud")), "another service"),
        ["another audience"] = (issuer => issuer.Token(claims => claims["aud"] = "shop"), "another service"),
        ["no issuer"] = (issuer => issuer.Token(claims => claims.Remove("iss")), "another issuer"),
        ["another issuer"] = (issuer => issuer.Token(claims => claims["iss"] = "https://elsewhere.example"), "another issuer"),
        ["expired"] = (issuer => issuer.Token(claims => claims["exp"] = TokenIssuer.Seconds(-120)), "has expired"),
        ["no end"] = (issuer => issuer.Token(claims => claims.Remove("exp")), "has expired"),
        ["a long life"] = (issuer => issuer.Token(claims => claims["exp"] = TokenIssuer.Seconds(200_000)), "lives for more than"),
        ["not yet valid"] = (issuer => issuer.Token(claims => claims["nbf"] = TokenIssuer.Seconds(120)), "not valid yet"),
        ["no role"] = (issuer => issuer.Token(claims => claims.Remove("fedrec_role")), "says no role"),
        ["two roles"] = (issuer => issuer.Token(claims => claims["fedrec_role"] = new JsonArray("viewer", "operator")), "several"),
        ["a role that is none"] = (issuer => issuer.Token(claims => claims["fedrec_role"] = "Operator"), "one that is none"),
        ["a user of no federation"] = (issuer => issuer.Token(claims => claims["fedrec_role"] = "user"), "in which federation"),
        ["a user who is nobody"] = (issuer => issuer.Token(claims => (claims["fedrec_role"], claims["fedrec_federation"], claims["sub"]) = ("user", "movies", "")), "who that is"),
        ["a federation that is none"] = (issuer => issuer.Token(claims => claims["fedrec_federation"] = "a/b"), "what is none"),
        ["no token"] = (_ => "x.y.z", "not signed"),
    };

    private readonly FakeCluster _cluster = new();
    private readonly TokenIssuer _issuer = new();
    private WebHost _host = null!;

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(_cluster, _issuer.Configure);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _issuer.Dispose();

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task Token_OfTheIssuer_IsTaken(string algorithm)
    {
        using var answer = await SendAsync(_issuer.Token(algorithm: algorithm));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Token_ThatIsNotRight_IsRefusedWithTheReason_AndNotShown(string what)
    {
        var token = s_wrong[what].Token(_issuer);
        var calls = _cluster.Calls;

        using var answer = await SendAsync(token);

        var words = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains(s_wrong[what].Reason, words, StringComparison.Ordinal);
        Assert.Contains(answer.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Bearer");
        Assert.DoesNotContain(token, words, StringComparison.Ordinal);
        Assert.Equal(calls, _cluster.Calls);
    }

    [Fact]
    public async Task Token_WhereNoneAreTaken_IsAKeyThatIsNotKnown()
    {
        await using var host = await WebHost.StartAsync(apiKey: "a-key-of-more-than-16-signs");

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/federations") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _issuer.Token()) } };
        using var answer = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n")]
    [InlineData("""{"keys":[{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]}""")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("{")]
    public void KeysFile_WithoutPublicKeys_IsRefused(string text)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "keys");
        File.WriteAllText(file, text);

        Assert.Throws<InvalidDataException>(() => TokenKeys.Read(file));
    }

    [Fact]
    public void KeysFile_AsAKeySet_IsRead()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "keys.json");
        File.WriteAllText(file, new JsonObject { ["keys"] = new JsonArray(_issuer.OtherKey()) }.ToJsonString());

        Assert.Single(TokenKeys.Read(file));
    }

    private async Task<HttpResponseMessage> SendAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/federations") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await _host.Client.SendAsync(request);
    }
}
