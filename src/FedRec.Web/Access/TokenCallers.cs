using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace FedRec.Web.Access;

/// <summary>Reads tokens of the configured issuer by ASP.NET Core's own handler for them.</summary>
/// <remarks>RFC 8725: two algorithms, both with a public key, so that nothing signed by a shared secret and nothing unsigned is ever taken; issuer, audience and times are checked. The handler has services of its own:
/// in the host's, another scheme could change which one its own endpoints use.</remarks>
internal sealed class TokenCallers : IDisposable
{
    private const string SchemeName = "fedrec-token";
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(60);
    private readonly FedRecTokenOptions _options;
    private readonly ServiceProvider? _services;

    public TokenCallers(IOptions<FedRecWebOptions> options, TimeProvider time, ILoggerFactory log)
    {
        _options = options.Value.Access.Tokens;
        if (!_options.IsOn)
        {
            return;
        }

        var keys = _options.KeysFile.Length > 0 ? TokenKeys.Read(_options.KeysFile) : [];
        var services = new ServiceCollection();
        services.AddSingleton(log).AddSingleton(time).AddSingleton(UrlEncoder.Default);
        services.AddAuthentication().AddJwtBearer(SchemeName, bearer => Configure(bearer, _options, keys, time));
        _services = services.BuildServiceProvider();
        _ = _services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get(SchemeName);
    }

    /// <summary>Whether tokens are taken.</summary>
    public bool IsOn => _services is not null;

    /// <summary>Who a request's token says its sender is.</summary>
    /// <exception cref="ProblemException">The token is not good; says why, and nothing of the token.</exception>
    public async Task<Caller> ReadAsync(HttpContext context)
    {
        var handler = ActivatorUtilities.CreateInstance<JwtBearerHandler>(_services!);
        await handler.InitializeAsync(new AuthenticationScheme(SchemeName, null, typeof(JwtBearerHandler)), context);
        var result = await handler.AuthenticateAsync();
        return result.Succeeded ? Of(result.Principal!.FindAll) : throw Refused(WordsFor(result.Failure));
    }

    /// <inheritdoc/>
    public void Dispose() => _services?.Dispose();

    private Caller Of(Func<string, IEnumerable<System.Security.Claims.Claim>> claims)
    {
        string[] Values(string name) => [.. claims(name).Select(claim => claim.Value)];
        var (roles, subjects, federations) = (Values(_options.RoleClaim), Values("sub"), Values(_options.FederationClaim));
        var role = roles is [var only] ? only : "";
        var (may, isUser) = role switch
        {
            "viewer" => (AccessRoles.Viewer, false),
            "app" => (AccessRoles.App, false),
            "operator" => (AccessRoles.Operator, false),
            "user" => (AccessRoles.App, true),
            _ => throw Refused($"The token says no role, several, or one that is none ({_options.RoleClaim}): viewer, app, operator or user."),
        };
        var federation = federations is [] ? (_options.Federation.Length > 0 ? _options.Federation : null)
            : federations is [var named] && FederationSelector.IsName(named) ? named : throw Refused($"The token names several federations, or what is none ({_options.FederationClaim}).");
        if (isUser && (subjects is not [{ Length: > 0 }] || federation is null))
        {
            throw Refused($"The token of a user says who that is (sub) and in which federation ({_options.FederationClaim}).");
        }

        return new Caller($"token of {(subjects is [var subject] && !isUser ? subject : isUser ? "a user" : "nobody in particular")}", may, federation, isUser ? subjects[0] : null);
    }

    private static void Configure(JwtBearerOptions bearer, FedRecTokenOptions options, IReadOnlyList<SecurityKey> keys, TimeProvider time)
    {
        bearer.MapInboundClaims = false;
        bearer.Authority = options.Authority.Length > 0 ? options.Authority : null;
        bearer.RequireHttpsMetadata = true;
        bearer.IncludeErrorDetails = false;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256],
            IssuerSigningKeys = keys,
            ValidateIssuerSigningKey = true,
            RequireSignedTokens = true,
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            RequireAudience = true,
            RequireExpirationTime = true,
            LifetimeValidator = (from, until, _, _) => IsTimely(from, until, time.GetUtcNow().UtcDateTime),
        };
    }

    private static bool IsTimely(DateTime? from, DateTime? until, DateTime now) =>
        until is { } end && now < end + s_skew && end - now <= FedRecTokenOptions.LongestLife + s_skew && (from is null || from <= now + s_skew);

    private static string WordsFor(Exception? failure) => failure switch
    {
        SecurityTokenInvalidAudienceException => "The token is for another service (aud).",
        SecurityTokenInvalidIssuerException => "The token is of another issuer (iss).",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException =>
            $"The token has expired, is not valid yet, or lives for more than {FedRecTokenOptions.LongestLife.TotalHours} hours (nbf, exp).",
        _ => "The token is not signed by its issuer (ES256 or RS256).",
    };

    private static ProblemException Refused(string detail) => new(StatusCodes.Status401Unauthorized, "Token not usable", detail);
}

/// <summary>Public keys of an issuer.</summary>
internal static class TokenKeys
{
    /// <summary>Reads them from a file.</summary>
    /// <exception cref="InvalidDataException">There are none in it, or they are of another kind.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<SecurityKey> Read(string file)
    {
        var text = File.ReadAllText(file);
        try
        {
            IReadOnlyList<SecurityKey> keys = text.TrimStart().StartsWith('{') ? [.. new JsonWebKeySet(text).GetSigningKeys()] : [.. FromPem(text)];
            return keys.Count > 0 && keys.All(IsPublic) ? keys
                : throw new InvalidDataException($"{Path.GetFileName(file)} has no keys that tokens could be signed with, or keys that are a secret: give public keys for ES256 (P-256) or RS256, as PEM or as a JSON Web Key Set.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)} has no keys that can be read: give public keys as PEM or as a JSON Web Key Set.", e);
        }
    }

    private static bool IsPublic(SecurityKey key) => key is ECDsaSecurityKey or RsaSecurityKey or X509SecurityKey || (key is JsonWebKey { HasPrivateKey: false, Kty: "EC" or "RSA" });

    private static IEnumerable<SecurityKey> FromPem(string text)
    {
        for (var rest = text; PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
        {
            var (label, pem) = (rest[found.Label], rest[found.Location]);
            yield return label switch
            {
                "PUBLIC KEY" when TryEllipticCurve(pem) is { } key => new ECDsaSecurityKey(key),
                "PUBLIC KEY" or "RSA PUBLIC KEY" => new RsaSecurityKey(Imported(RSA.Create(), pem)),
                "CERTIFICATE" => new X509SecurityKey(X509Certificate2.CreateFromPem(pem)),
                _ => throw new CryptographicException($"A part of the file is a {label}."),
            };
        }
    }

    private static ECDsa? TryEllipticCurve(string pem)
    {
        try
        {
            return Imported(ECDsa.Create(), pem);
        }
        catch (CryptographicException)
        {
            return null; // of another kind, which is tried next and says so itself
        }
    }

    private static T Imported<T>(T key, string pem)
        where T : AsymmetricAlgorithm
    {
        key.ImportFromPem(pem);
        return key;
    }
}
