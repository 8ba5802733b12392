using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Benchmarks.PartyCosts;

/// <summary>A party that asks what to do and does nothing.</summary>
internal sealed class PartyCaller(PartyCode code, PartyWire wire)
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string _nonce = "none";

    /// <summary>Shows the invitation and the key.</summary>
    /// <returns>The fingerprint of the key.</returns>
    public async Task<string> JoinAsync()
    {
        var key = _key.ExportSubjectPublicKeyInfo();
        var proof = PartyKeys.Sign(_key, PartyStatements.OfJoin(code.Federation, code.Server, code.Party, code.Secret, key));
        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf("join")) { Content = JsonContent.Create(new { secret = code.Secret, publicKey = key, proof }) };
        using var answer = await wire.SendAsync(request);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("fingerprint").GetString()!;
    }

    /// <summary>A poll, with its token made before: sending it is all that is left.</summary>
    /// <param name="wait">Seconds.</param>
    public HttpRequestMessage Poll(int wait) => Request(HttpMethod.Post, "poll", query: $"?wait={wait}");

    /// <summary>A request with a token.</summary>
    /// <param name="method">Of the request.</param>
    /// <param name="what">Path below the party's.</param>
    /// <param name="query">With its question mark.</param>
    /// <param name="isForged">Whether another key has signed it.</param>
    public HttpRequestMessage Request(HttpMethod method, string what, string query = "", bool isForged = false)
    {
        var request = new HttpRequestMessage(method, PathOf(what) + query);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(method.Method, PathOf(what), isForged));
        return request;
    }

    /// <summary>Sends a request that must be answered, and keeps the nonce of the answer.</summary>
    public async Task<HttpStatusCode> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        using (request)
        {
            using var answer = await wire.SendAsync(request, cancellationToken);
            if (answer.Headers.TryGetValues("FedRec-Nonce", out var nonce))
            {
                _nonce = nonce.First();
            }

            return answer.StatusCode;
        }
    }

    /// <summary>Learns the nonce: the first poll is refused for want of it.</summary>
    public async Task MeetAsync()
    {
        await SendAsync(Poll(0));
        if (await SendAsync(Poll(0)) is not HttpStatusCode.NoContent and var other)
        {
            throw new InvalidOperationException($"A party that was approved is answered {(int)other}.");
        }
    }

    private string PathOf(string what) => $"/party/v1/{code.Federation}/{code.Party}/{what}";

    private string Token(string method, string path, bool isForged)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new { iss = code.Party, aud = PartyStatements.Audience(code.Federation, code.Server), iat = now, exp = now + 120, jti = Guid.NewGuid().ToString("N"), nonce = _nonce, htm = method, htu = path };
        var text = $"{Base64Url.EncodeToString("""{"alg":"ES256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        var signature = isForged ? RandomNumberGenerator.GetBytes(64) : PartyKeys.Sign(_key, Encoding.ASCII.GetBytes(text));
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }
}
