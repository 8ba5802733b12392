using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>Speaks to the coordinator: always outwards, over TLS whose key the invitation named, with a token of the party's key in each request.</summary>
internal sealed class PartyClient : IDisposable
{
    private const string NonceHeader = "FedRec-Nonce";
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private static readonly TimeSpan s_tokenLife = TimeSpan.FromMinutes(2);
    private readonly PartyCode _code;
    private readonly ECDsa _key;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private string _nonce = "none";

    public PartyClient(PartyCode code, ECDsa key, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        (_code, _key, _time) = (code, key, time ?? TimeProvider.System);
        _http = new HttpClient(handler ?? Handler(code)) { BaseAddress = new Uri($"{code.Url.ToString().TrimEnd('/')}/"), Timeout = TimeSpan.FromMinutes(5) };
    }

    /// <summary>How far the coordinator's clock is ahead of this one, as of its last answer: its tokens go by that clock.</summary>
    public TimeSpan Ahead { get; private set; }

    /// <summary>Shows the invitation and the key.</summary>
    /// <returns>The key's fingerprint in words, as the coordinator has it.</returns>
    /// <exception cref="PartyException">The coordinator refuses.</exception>
    public async Task<string> JoinAsync(CancellationToken cancellationToken)
    {
        var key = _key.ExportSubjectPublicKeyInfo();
        var proof = PartyKeys.Sign(_key, PartyStatements.OfJoin(_code.Federation, _code.Server, _code.Party, _code.Secret, key));
        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf("join")[1..]) { Content = JsonContent.Create(new { secret = _code.Secret, publicKey = key, proof }, options: s_json) };
        using var answer = await SendAsync(request, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<Joined>(s_json, cancellationToken))!.Fingerprint;
    }

    /// <summary>What to do next; null for nothing within the wait.</summary>
    /// <exception cref="PartyException">The coordinator refuses.</exception>
    public async Task<PartyOrder?> PollAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, "poll", null, cancellationToken, query: $"?wait={(int)wait.TotalSeconds}");
        return answer.StatusCode == HttpStatusCode.NoContent ? null : await answer.Content.ReadFromJsonAsync<PartyOrder>(s_json, cancellationToken);
    }

    /// <summary>Tells how much the party holds.</summary>
    /// <exception cref="PartyException">The coordinator refuses.</exception>
    public async Task ReportAsync(PartyReport report, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Put, "report", () => JsonContent.Create(new { report.Users, report.SizeClass }, options: s_json), cancellationToken);
    }

    /// <summary>Fetches what an order names; where the connection ends, from there on.</summary>
    /// <exception cref="PartyException">The coordinator does not have it any more.</exception>
    /// <exception cref="InvalidDataException">What came is something else.</exception>
    public async Task<byte[]> FetchAsync(string sha256, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        for (var failures = 0; ;)
        {
            try
            {
                using var answer = await SendAsync(HttpMethod.Get, $"content/{sha256}", null, cancellationToken, from: all.Length);
                if (answer.StatusCode != HttpStatusCode.PartialContent)
                {
                    all.SetLength(0); // all of it, whatever was asked for
                }

                await answer.Content.CopyToAsync(all, cancellationToken);
                break;
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException && ++failures < 5 && all.Length > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(failures), _time, cancellationToken);
            }
        }

        var bytes = all.ToArray();
        return PartyStatements.Sha256(bytes) == sha256 ? bytes : throw new InvalidDataException($"What came for the hash {sha256} is something else; nothing was trained on it.");
    }

    /// <summary>Sends an update.</summary>
    /// <exception cref="PartyException">The coordinator refuses it.</exception>
    public async Task<PartyReceipt> SubmitAsync(PartyOrder order, byte[] update, CancellationToken cancellationToken)
    {
        var signature = PartyKeys.Sign(_key, PartyStatements.OfUpdate(_code.Federation, _code.Server, _code.Party, order, PartyStatements.Sha256(update)));
        using var answer = await SendAsync(HttpMethod.Put, PathOf(order.Update), () =>
        {
            var content = Bytes(update);
            content.Headers.Add("FedRec-Signature", Convert.ToBase64String(signature));
            return content;
        }, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<PartyReceipt>(s_json, cancellationToken))!;
    }

    /// <summary>Says that the party will not do what it was asked.</summary>
    /// <exception cref="PartyException">It is not asked any more.</exception>
    public async Task RefuseAsync(PartyOrder order, string reason, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"{PathOf(order.Update)}/refusal", () => JsonContent.Create(new { reason }, options: s_json), cancellationToken);
    }

    /// <summary>Sends the sums of an evaluation.</summary>
    /// <exception cref="PartyException">It is not asked any more.</exception>
    public async Task EvaluatedAsync(Guid evaluation, byte[] sums, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Put, $"evaluations/{evaluation}", () => Bytes(sums), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string PathOf(PartyUpdateId update) => FormattableString.Invariant($"updates/{update.Run}/{update.Round}/{update.Attempt}");

    private static ByteArrayContent Bytes(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    private static SocketsHttpHandler Handler(PartyCode code) => new()
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10), // or a name that leads elsewhere now would never be looked up again
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => code.Pin.Length == 0 ? errors == SslPolicyErrors.None : certificate is X509Certificate2 shown && PinOf(shown) == code.Pin,
        },
    };

    /// <summary>SHA-256 of a certificate's public key, in hexadecimal.</summary>
    public static string PinOf(X509Certificate2 certificate) => PartyStatements.Sha256(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    private string PathOf(string what) => $"/party/v1/{_code.Federation}/{_code.Party}/{what}";

    // Once more where the token repeats no nonce of the server as it is now: after its start, or at the first request.
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string what, Func<HttpContent>? content, CancellationToken cancellationToken, long from = 0, string query = "")
    {
        for (var last = false; ; last = true)
        {
            var (path, nonce) = (PathOf(what), _nonce);
            using var request = new HttpRequestMessage(method, path[1..] + query) { Content = content?.Invoke() };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(method, path));
            request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
            try
            {
                return await SendAsync(request, cancellationToken);
            }
            catch (PartyException exception) when (exception.Status == HttpStatusCode.Unauthorized && !last && _nonce != nonce)
            {
                // the answer has told the nonce, and what time it is there
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Add("FedRec-Party-Version", PartyLimits.Version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        _nonce = answer.Headers.TryGetValues(NonceHeader, out var nonces) ? nonces.First() : _nonce;
        Ahead = answer.Headers.Date is { } date ? date - _time.GetUtcNow() : Ahead;
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await PartyException.OfAsync(answer, cancellationToken);
        }
    }

    private string Token(HttpMethod method, string path)
    {
        var now = _time.GetUtcNow() + Ahead;
        var payload = new
        {
            iss = _code.Party,
            aud = PartyStatements.Audience(_code.Federation, _code.Server),
            iat = now.ToUnixTimeSeconds(),
            exp = (now + s_tokenLife).ToUnixTimeSeconds(),
            jti = Guid.NewGuid().ToString("N"),
            nonce = _nonce,
            htm = method.Method,
            htu = path,
        };
        var text = $"{Base64Url.EncodeToString("""{"alg":"ES256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(payload))}";
        return $"{text}.{Base64Url.EncodeToString(PartyKeys.Sign(_key, System.Text.Encoding.ASCII.GetBytes(text)))}";
    }

    private sealed record Joined(string Fingerprint);
}

/// <summary>The coordinator has refused a request of the party.</summary>
internal sealed class PartyException(HttpStatusCode status, string message) : Exception(message)
{
    /// <summary>How.</summary>
    public HttpStatusCode Status => status;

    public static async Task<PartyException> OfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using var problem = JsonDocument.Parse(text);
            return new PartyException(answer.StatusCode, problem.RootElement.GetProperty("detail").GetString() ?? "");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new PartyException(answer.StatusCode, $"The address answers with status {(int)answer.StatusCode}, and not as a FedRec does; a proxy may be in between.");
        }
    }
}
