using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>Tokens of a party: a JSON Web Token (RFC 7519) for one request, signed with ES256.</summary>
internal static class TokenWriter
{
    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(2);

    /// <summary>A token.</summary>
    /// <param name="key">The party's key.</param>
    /// <param name="code">Whose it is, and for whom.</param>
    /// <param name="nonce">Of the server's last answer.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="path">Of the request, without the query.</param>
    /// <param name="now">By the server's clock.</param>
    /// <param name="copy">Which copy of the party asks; empty for not saying.</param>
    public static string Write(ECDsa key, PartyCode code, string nonce, string method, string path, DateTimeOffset now, string copy)
    {
        var payload = new
        {
            iss = code.Party,
            aud = PartyStatements.Audience(code.Federation, code.Server),
            iat = now.ToUnixTimeSeconds(),
            exp = (now + s_life).ToUnixTimeSeconds(),
            jti = Guid.NewGuid().ToString("N"),
            nonce,
            htm = method,
            htu = path,
            copy,
        };
        var text = $"{Base64Url.EncodeToString("""{"alg":"ES256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(payload))}";
        return $"{text}.{Base64Url.EncodeToString(PartyKeys.Sign(key, Encoding.ASCII.GetBytes(text)))}";
    }
}
