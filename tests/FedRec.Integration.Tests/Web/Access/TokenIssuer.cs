using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedRec.Integration.Tests.Storage;
using FedRec.Web;

namespace FedRec.Integration.Tests.Web.Access;

/// <summary>Issues tokens, written here by hand: right ones, and any that are wrong.</summary>
internal sealed class TokenIssuer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TokenIssuer() => File.WriteAllText(KeysFile, _key.ExportSubjectPublicKeyInfoPem() + "\n" + _rsa.ExportSubjectPublicKeyInfoPem());

    /// <summary>File with its public keys.</summary>
    public string KeysFile => Path.Combine(_folder.Path, "issuer.pem");

    /// <summary>Has a front end take its tokens.</summary>
    public void Configure(FedRecWebOptions options) => (options.Access.Tokens.Issuer, options.Access.Tokens.KeysFile) = ("https://login.example", KeysFile);

    /// <summary>Seconds since 1970, from now on.</summary>
    public static long Seconds(int fromNow) => DateTimeOffset.UtcNow.ToUnixTimeSeconds() + fromNow;

    /// <summary>A token of an operator, unless it is changed.</summary>
    public string Token(Action<JsonObject>? claims = null, string algorithm = "ES256", Action<JsonObject>? header = null) => Write(claims, header, algorithm, input => algorithm switch
    {
        "RS256" => _rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "PS256" => _rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        "HS256" => HMACSHA256.HashData(_rsa.ExportSubjectPublicKeyInfo(), input), // what everybody knows, taken for a shared secret
        "HS256 of the text" => HMACSHA256.HashData(Encoding.UTF8.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem()), input),
        "none" => [],
        _ => _key.SignData(input, HashAlgorithmName.SHA256),
    });

    /// <summary>A token that somebody else has signed, who says so in the header or not.</summary>
    public string OtherToken(Action<JsonObject>? header = null) => Write(null, header, "ES256", input => _other.SignData(input, HashAlgorithmName.SHA256));

    /// <summary>The public key of somebody else, as a header could carry it.</summary>
    public JsonObject OtherKey()
    {
        var point = _other.ExportParameters(false).Q;
        return new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    public void Dispose()
    {
        _folder.Dispose();
        _key.Dispose();
        _rsa.Dispose();
        _other.Dispose();
    }

    private static string Write(Action<JsonObject>? claims, Action<JsonObject>? header, string algorithm, Func<byte[], byte[]> sign)
    {
        var head = new JsonObject { ["alg"] = algorithm.Split(' ')[0], ["typ"] = "JWT" };
        var body = new JsonObject
        {
            ["iss"] = "https://login.example",
            ["aud"] = "fedrec",
            ["sub"] = "ada",
            ["nbf"] = Seconds(-10),
            ["exp"] = Seconds(300),
            ["fedrec_role"] = "operator",
        };
        header?.Invoke(head);
        claims?.Invoke(body);
        var input = $"{Encode(head)}.{Encode(body)}";
        return $"{input}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}
