using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>A request in a party's name of which some part, or nothing, is as it should not be.</summary>
/// <param name="Bytes">As it travels.</param>
/// <param name="IsCut">Whether the connection ends before what it announces.</param>
/// <param name="MayPass">Whether its token may be good.</param>
/// <param name="MostBytes">Memory that its body may ask for: nothing, where it announces more than its address takes.</param>
internal sealed record FuzzedRequest(byte[] Bytes, bool IsCut, bool MayPass, long MostBytes)
{
    private const string Json = "application/json", Octets = "application/octet-stream";
    private const int UsualBytes = 64 << 10;
    private static readonly ECDsa s_other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string s_deep = new('[', 20_000), s_huge = new('9', 5_000);

    private static readonly string[] s_json =
    [
        "", "{}", "[]", "null", "{", "\ufeff{}", "{\"users\":-1,\"sizeClass\":99}", "{\"users\":1e99,\"sizeClass\":1}", $"{{\"users\":{s_huge},\"sizeClass\":1}}", "{\"users\":1,\"users\":2,\"sizeClass\":1}", "{\"users\":15,\"sizeClass\":8}",
        "{\"users\":2147483647,\"sizeClass\":31,\"matchedItems\":-1}", "{\"users\":1,\"sizeClass\":1,\"readAt\":\"9999-12-31T23:59:59.9999999+00:00\"}", "{\"users\":1,\"sizeClass\":1,\"readAt\":\"0001-01-01T00:00:00+14:00\"}",
        "{\"reason\":null}", "{\"reason\":\"\\u0000\"}", "{\"reason\":\"\\ud800\"}", $"{{\"reason\":\"{s_huge}\"}}", s_deep, $"{{\"reason\":{s_deep}", $"{{\"a\":{s_deep}", "{\"secret\":\"AAAA\",\"publicKey\":\"AAAA\",\"proof\":\"\"}", "{\"publicKey\":\"!\"}",
        "{\"publicKey\":\"AAAA\",\"signature\":\"AAAA\",\"proof\":\"AAAA\"}", $"{{\"publicKey\":\"{new string('A', 40_000)}\",\"signature\":\"\",\"proof\":\"\"}}", "{\"Users\":1,\"SizeClass\":1,\"other\":[{}]}",
    ];

    private static readonly string[] s_ranges = ["bytes 0-0/1", "bytes 9-8/1", "bytes */*", "bytes 5-99999999999/99999999999", "bytes 0-9223372036854775807/9223372036854775807", "bytes -5-3/9", "items 0-1/2", "x"];
    private static readonly string[] s_lengths = ["2147483647", "2147483591", "2000000000", "40000000", "300000", "99999999999", "9223372036854775807", "9223372036854775808", "-1", "0x10", "1e3", ""];
    private static readonly string[] s_types = ["text/html", "", Json, Octets, "application/json; charset=utf-16", "application/json; charset=", "multipart/form-data", "application/x-www-form-urlencoded", ";", new('a', 3_000)];
    private static readonly string[] s_signatures = ["", "AAAA", "not base64", new('A', 5_000), Convert.ToBase64String(new byte[64]), Convert.ToBase64String([.. Enumerable.Repeat((byte)255, 64)])];

    private static readonly Action<JsonObject>[] s_claims =
    [
        c => c["iss"] = "other", c => c["aud"] = "other", c => c["aud"] = new JsonArray(), c => c.Remove("iss"), c => c.Remove("aud"), c => c.Remove("exp"), c => c["exp"] = 1, c => c["exp"] = (long)c["iat"]! + 301, c => c["iat"] = (long)c["iat"]! - 4_000,
        c => { c.Remove("iat"); c["nbf"] = 1; }, c => c["nonce"] = "other", c => c.Remove("nonce"), c => c["htm"] = "PATCH", c => c["htu"] = "/party/v1/other", c => c["htu"] = "", c => c.Remove("htu"), c => c.Remove("jti"), c => c["jti"] = "short",
        c => c["jti"] = new string('j', 65), c => c["copy"] = new string('c', 65), c => c["exp"] = 1e300, c => c["exp"] = long.MaxValue, c => c["exp"] = -1, c => c["exp"] = new JsonObject(), c => c["htm"] = new JsonArray(1), c => c["nonce"] = 5,
    ];

    private static readonly Action<JsonObject>[] s_heads = // of which some may be good
    [
        h => h["kid"] = "other", h => h["jku"] = "http://localhost:1/keys", h => h["x5c"] = new JsonArray("AAAA"), h => h["jwk"] = new JsonObject { ["kty"] = "EC" }, h => h["crit"] = new JsonArray("exp"), h => h.Remove("typ"), h => h["typ"] = 5,
        h => h["zip"] = "DEF", h => h["cty"] = "JWT", h => h["enc"] = "A256GCM", h => h["b64"] = false, h => h["x5t"] = "AAAA",
    ];

    /// <summary>The next one.</summary>
    public static async Task<FuzzedRequest> NextAsync(Random random, FuzzedParty fuzzed)
    {
        var (method, what, own, limit) = Address(random, fuzzed);
        var isJson = own == Json;
        var (body, signature) = isJson || own.Length == 0 ? (OfJson(random), "") : OfBytes(random, fuzzed, what);
        body = own.Length == 0 && random.Next(20) > 0 ? [] : body;
        var path = fuzzed.Party.PathOf(what);
        var (token, mayPass) = await TokenAsync(random, fuzzed.Party, method, path.Split('?')[0]);
        var type = Mostly(random, 20, own, s_types);
        var range = fuzzed.Order.Evaluation is null ? Mostly(random, 12, "", [.. s_ranges, $"bytes {fuzzed.Answer.Length - body.Length}-{fuzzed.Answer.Length - 1}/{fuzzed.Answer.Length}"]) : "";
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        Add("Authorization", token);
        Add("Content-Type", type);
        Add("Content-Range", range);
        Add("FedRec-Signature", signature);
        Add("FedRec-Party-Version", Mostly(random, 60, "", ["1", "2", "x", s_huge]));
        Add("Content-Encoding", Mostly(random, 60, "", ["gzip", "identity"]));
        var (length, sent, isCut) = Framed(random, body);
        head.Append(length).Append("\r\n");
        var announced = length.StartsWith("Content-Length: ", StringComparison.Ordinal) && long.TryParse(length.AsSpan(16).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : sent.Length;
        return new FuzzedRequest([.. Encoding.Latin1.GetBytes(head.ToString()), .. sent], isCut, mayPass, announced <= limit ? announced : 0);

        void Add(string name, string value) => head.Append(value.Length > 0 ? $"{name}: {value}\r\n" : "");
    }

    private static (string Method, string What, string Type, long Limit) Address(Random random, FuzzedParty fuzzed)
    {
        if (random.Next(5) < 2)
        {
            return ("PUT", fuzzed.Path, Octets, fuzzed.Order.Evaluation is null ? 0 : PartyLimits.MostSumBytes); // an update is taken block after block
        }

        (string Method, string What, string Type, long Limit)[] others =
        [
            ("POST", "poll?wait=0", "", 0), ("POST", "poll?wait=-1", "", 0), ("POST", "poll?wait=x", "", 0), ("POST", "poll?wait=0&wait=1", "", 0), ("PUT", "report", Json, UsualBytes), ("PUT", "key", Json, UsualBytes), ("POST", "join", Json, UsualBytes),
            ("GET", $"content/{fuzzed.Order.ModelSha256}", "", 0), ("GET", "content/x", "", 0), ("GET", fuzzed.Update, "", 0), ("POST", "updates/run-1/1/9/refusal", Json, UsualBytes), ("PUT", "updates/run-1/-1/99999999999", Octets, 0), ("PUT", "updates/x/1/1", Octets, 0),
            ("PUT", $"{fuzzed.Update}/steps/share", Octets, PartyLimits.MostStepBytes), ("PUT", $"{fuzzed.Update}/steps/unmask", Octets, PartyLimits.MostStepBytes), ("PUT", $"{fuzzed.Update}/steps/mask", Octets, PartyLimits.MostStepBytes), ("PUT", $"{fuzzed.Update}/steps/-1", Octets, PartyLimits.MostStepBytes),
            ("PUT", $"evaluations/{Guid.Empty}", Octets, PartyLimits.MostSumBytes), ("PUT", "evaluations/x", Octets, PartyLimits.MostSumBytes), ("POST", $"evaluations/{Guid.Empty}/refusal", Json, UsualBytes), ("GET", "model", "", 0), ("DELETE", "key", "", 0), ("GET", "nothing", "", 0),
        ];
        return others[random.Next(others.Length)];
    }

    private static byte[] OfJson(Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(s_json[random.Next(s_json.Length)]);
        switch (random.Next(6))
        {
            case 0:
                return bytes[..random.Next(bytes.Length + 1)];
            case 1 when bytes.Length > 0:
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256); // no UTF-8, often
                return bytes;
            case 2:
                return Encoding.Unicode.GetBytes(s_json[random.Next(s_json.Length)]);
            default:
                return bytes;
        }
    }

    // What is signed as it should be is no answer that could be counted, or there would be nothing left to ask.
    private static (byte[] Body, string Signature) OfBytes(Random random, FuzzedParty fuzzed, string what)
    {
        var body = fuzzed.Answer.ToArray();
        var place = random.Next(body.Length);
        var isWrong = true;
        switch (random.Next(8))
        {
            case 0:
                body = body[..place];
                break;
            case 1:
                body = [.. body, .. new byte[8 * random.Next(1, 40)]];
                break;
            case 2:
                body[random.Next(4)] ^= 0x20;
                break;
            case 3:
                body = new byte[random.Next(4_000)];
                random.NextBytes(body);
                break;
            case 4:
                body = OfJson(random);
                break;
            case 5 when body.Length >= 12: // a length, a number
                BitConverter.TryWriteBytes(body.AsSpan(random.Next(body.Length - 8)), random.Next(2) == 0 ? long.MaxValue : -1);
                isWrong = false;
                break;
            case 6:
                body = body[place..];
                break;
            default:
                body[place] ^= (byte)random.Next(1, 256);
                isWrong = false;
                break;
        }

        var isOrder = fuzzed.Order.Evaluation is null && what == fuzzed.Path;
        return (body, isOrder && (isWrong || fuzzed.Order.Secure is not null) && random.Next(3) > 0 ? fuzzed.Sign(body) : s_signatures[random.Next(s_signatures.Length)]);
    }

    private static async Task<(string Token, bool MayPass)> TokenAsync(Random random, WireParty party, string method, string path)
    {
        switch (random.Next(60))
        {
            case 0 or 1 or 2 or 3:
                return ($"Bearer {await party.TokenAsync(method, path, s_claims[random.Next(s_claims.Length)])}", false);
            case 4 or 5:
                return ($"Bearer {await party.TokenAsync(method, path, header: s_heads[random.Next(s_heads.Length)])}", true);
            case 6:
                return ($"Bearer {await party.TokenAsync(method, path, algorithm: Mostly(random, 2, "none", ["HS256", "RS256", "ES384", "", "es256"]))}", false);
            case 7:
                return ($"Bearer {await party.TokenAsync(method, path, by: s_other)}", false);
            case 8:
                var token = await party.TokenAsync(method, path);
                return ($"Bearer {token[..random.Next(token.Length)]}", false);
            case 9:
                return (Mostly(random, 2, "", ["Basic AAAA", "Bearer", "Bearer a.b.c", "Bearer ....", $"Bearer {new string('a', 5_000)}", $"Bearer {s_deep}", "Bearer e30.e30.", "Bearer eyJhbGciOiJFUzI1NiJ9.W10.AAAA", "Bearer \u00ff\u00fe"]), false);
            default:
                return ($"Bearer {await party.TokenAsync(method, path)}", true);
        }
    }

    private static (string Length, byte[] Sent, bool IsCut) Framed(Random random, byte[] body)
    {
        switch (random.Next(40))
        {
            case 0: // longer than announced
                return (Length(body.Length / 2), body, false);
            case 1 or 2: // cut
                return (Length(body.Length + random.Next(1, 5_000)), body, true);
            case 3:
                return ($"Content-Length: {s_lengths[random.Next(s_lengths.Length)]}\r\n", body, true);
            case 4:
                return ("Transfer-Encoding: chunked\r\n", [.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. body.Length > 0 ? "\r\n0\r\n\r\n"u8 : "\r\n"u8], false);
            case 5:
                return ("Transfer-Encoding: chunked\r\n", [.. Encoding.ASCII.GetBytes(Mostly(random, 2, "7fffffff\r\n", ["-1\r\n", "zz\r\n", "ffffffffffffffff\r\n", "\r\n"])), .. body], true);
            case 6:
                return ($"{Length(body.Length)}Transfer-Encoding: chunked\r\n", body, true);
            case 7:
                return ("", body, true); // no length, so that nothing of it is read
            default:
                return (Length(body.Length), body, false);
        }

        static string Length(long bytes) => FormattableString.Invariant($"Content-Length: {bytes}\r\n");
    }

    private static string Mostly(Random random, int times, string usual, string[] others) => random.Next(times) > 0 ? usual : others[random.Next(others.Length)];
}
