using System.Globalization;
using FedRec.Contracts.RemoteParties;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Parties;

/// <summary>Lets requests of a party in: each carries a token that the party's key has signed (ES256) for this coordinator, this address and a few minutes, and that is good once.</summary>
/// <remarks>RFC 8725: one algorithm, the key of the party that the address names, audience and times checked. The token repeats a nonce of the server, as in RFC 9449 (DPoP), section 8: so no
/// token of before a restart is good, and what was used is remembered in memory only. Who the party is comes from the key, never from the body.</remarks>
internal static class PartyGate
{
    /// <summary>Header with the nonce that the next token must repeat.</summary>
    public const string NonceHeader = "FedRec-Nonce";

    /// <summary>Header with a notice that the coordinator is elsewhere.</summary>
    public const string MovedHeader = "FedRec-Moved";

    /// <summary>Header with the version of the protocol that a side speaks.</summary>
    public const string VersionHeader = "FedRec-Party-Version";

    private const string Scheme = "Bearer ";
    private static readonly JsonWebTokenHandler s_handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 4_096 };

    /// <summary>Checks a request before its handler sees it.</summary>
    public static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        CheckVersion(context);
        var (party, credentials) = (PartyOf(context), context.RequestServices.GetRequiredService<PartyCredentials>());
        var kept = credentials.Find(party);
        var entry = await EnterAsync(context, party, kept ?? await credentials.AskAsync(party, context.RequestAborted) ?? throw Unknown());
        if (kept is not null && entry.IsOfOldCredential && (await credentials.AskAsync(party, context.RequestAborted) ?? throw Unknown()) is var current && current.Nonce != kept.Nonce)
        {
            entry = await EnterAsync(context, party, current);
        }

        Say(context, NonceHeader, entry.Credential.Nonce);
        if (entry.Credential.Moved is { } moved)
        {
            Say(context, MovedHeader, PartyMoves.Write(moved));
        }

        if (entry.Fault is not null)
        {
            await party.NoteRejectionAsync(PartyRejectionReason.Token, context.RequestAborted);
            throw entry.Fault;
        }

        switch (entry.Admission)
        {
            case PartyAdmission.Admitted:
                return await next(invocation);
            case PartyAdmission.Replayed:
                throw Refused("The token was used before: make one for each request, with an id of its own (jti).");
            case PartyAdmission.OldNonce:
                throw Refused($"The token repeats no nonce of this server, or one of before: repeat that of the header {NonceHeader} of this answer (claim nonce).");
            case PartyAdmission.Pending:
                throw new ProblemException(StatusCodes.Status403Forbidden, "Party not approved", "The party has joined, and waits until its fingerprint was compared: the coordinator's operator approves it with 'fedrec party approve NAME'.");
            case PartyAdmission.Suspended:
                throw new ProblemException(StatusCodes.Status403Forbidden, "Party suspended", "The coordinator's operator has suspended the party for the time being. Ask again later; 'fedrec party resume NAME' lets it in again.");
            case PartyAdmission.Removed:
                throw new ProblemException(StatusCodes.Status410Gone, "Party removed", "The coordinator's operator has removed the party from the federation for good. Nothing more is taken from it; it can be invited by another name.");
            case PartyAdmission.OtherCopy:
                Say(context, HeaderNames.RetryAfter, Number(PartyLimits.CopyPatience.TotalSeconds));
                var name = (await party.GetAsync(context.RequestAborted))?.Name;
                throw ProblemException.Conflict("Another copy is there", $"Another copy of party '{name}' takes part, and was heard of less than {PartyLimits.CopyPatience.TotalMinutes} minute ago. One is enough: end one of them; the other one is let in a minute later.");
            default:
                Say(context, HeaderNames.RetryAfter, "60");
                throw new ProblemException(StatusCodes.Status429TooManyRequests, "Too many requests", "The party asks more often than is taken from one. Wait a minute.");
        }
    }

    /// <summary>The twin that the address names.</summary>
    public static IPartyGrain PartyOf(HttpContext context)
    {
        var (federation, party) = Names(context);
        return context.RequestServices.GetRequiredService<IGrainFactory>().GetGrain<IPartyGrain>($"{federation}/{party}");
    }

    /// <exception cref="ProblemException">The version that the request says is not spoken here.</exception>
    public static void CheckVersion(HttpContext context)
    {
        var own = PartyLimits.Version.ToString(CultureInfo.InvariantCulture);
        Say(context, VersionHeader, own);
        var asked = context.Request.Headers[VersionHeader].ToString();
        if (asked.Length > 0 && asked != own)
        {
            throw ProblemException.BadRequest($"The party speaks version {(asked.Length <= 8 ? asked : "?")} of the protocol, and this server {PartyLimits.Version} only. Update whichever is older.");
        }
    }

    // Late, because the error answers clear the headers that were set before them.
    private static void Say(HttpContext context, string header, string value) => context.Response.OnStarting(() =>
    {
        context.Response.Headers[header] = value;
        return Task.CompletedTask;
    });

    private static (string Federation, string Party) Names(HttpContext context)
    {
        var (federation, party) = ((string)context.Request.RouteValues["federation"]!, (string)context.Request.RouteValues["party"]!);
        return FederationSelector.IsName(federation) && FederationSelector.IsName(party) ? (federation, party) : throw Unknown(); // anything else is no key of a grain
    }

    // A token counts with the credential whose nonce it repeats, and with no other: so a key of before that is still kept here lets nobody in.
    private static async Task<Entry> EnterAsync(HttpContext context, IPartyGrain party, PartyCredential credential)
    {
        try
        {
            var token = await ReadAsync(context, credential);
            return new Entry(credential, token.Nonce == credential.Nonce ? await party.AdmitAsync(token, context.RequestAborted) : PartyAdmission.OldNonce, Fault: null);
        }
        catch (ProblemException fault)
        {
            return new Entry(credential, default, fault);
        }
    }

    private static async Task<PartyToken> ReadAsync(HttpContext context, PartyCredential credential)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw Refused("Each request of a party carries a token that its key has signed: Authorization: Bearer TOKEN.");
        }

        var (federation, party) = Names(context);
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var audience = PartyStatements.Audience(federation, credential.Server);
        var result = await ValidateAsync(credential.PublicKey);
        if (result is { IsValid: false, Exception: SecurityTokenInvalidSignatureException or SecurityTokenSignatureKeyNotFoundException } && !credential.EarlierKey.IsEmpty)
        {
            result = await ValidateAsync(credential.EarlierKey);
        }

        if (!result.IsValid)
        {
            throw Refused(WordsFor(result.Exception));
        }

        var read = (JsonWebToken)result.SecurityToken;
        var isForThis = read.TryGetPayloadValue<string>("htm", out var method) && method == context.Request.Method
            && read.TryGetPayloadValue<string>("htu", out var path) && context.Request.Path.Value!.EndsWith(path, StringComparison.Ordinal) && path.StartsWith("/party/v1/", StringComparison.Ordinal);
        return !isForThis ? throw Refused("The token was made for another request: it says method (htm) and path (htu) of this one, such as /party/v1/FEDERATION/PARTY/poll.")
            : read.Id is not { Length: >= 16 and <= 64 } id ? throw Refused("The token has no one-time id (jti) of 16 to 64 characters.")
            : CopyOf(read) is not { Length: <= 64 } copy ? throw Refused("The token names a copy (copy) of more than 64 characters.")
            : new PartyToken(id, read.TryGetPayloadValue<string>("nonce", out var nonce) ? nonce : "", read.ValidTo, copy);

        async Task<TokenValidationResult> ValidateAsync(ReadOnlyMemory<byte> publicKey) => await context.RequestServices.GetRequiredService<ImportedKeys>().UseAsync(publicKey, key => s_handler.ValidateTokenAsync(header[Scheme.Length..].Trim(), new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKey = key,
            ValidIssuer = party,
            ValidAudience = audience,
            RequireExpirationTime = true,
            LifetimeValidator = (from, until, token, _) => IsTimely(from ?? (token as JsonWebToken)?.IssuedAt, until, time.GetUtcNow().UtcDateTime),
        })) ?? throw Unknown();
    }

    private static string CopyOf(JsonWebToken token) => token.TryGetPayloadValue<string>("copy", out var copy) ? copy : "";

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsTimely(DateTime? from, DateTime? until, DateTime now) => from is { } begin && until is { } end
        && end - begin <= PartyLimits.TokenLife && begin <= now + PartyLimits.ClockSkew && end >= now - PartyLimits.ClockSkew;

    private static string WordsFor(Exception exception) => exception switch
    {
        SecurityTokenInvalidAudienceException => "The token is meant for another coordinator or federation (aud).",
        SecurityTokenInvalidIssuerException => "The token is of another party (iss).",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException =>
            $"The token has expired, is not valid yet, or lives for more than {PartyLimits.TokenLife.TotalMinutes} minutes (iat, exp). Compare the clock with the header Date of this answer.",
        _ => "The token is not signed with the party's key (ES256).",
    };

    private static ProblemException Refused(string detail) => new(StatusCodes.Status401Unauthorized, "Token not usable", detail);

    private static ProblemException Unknown() => new(StatusCodes.Status401Unauthorized, "No such party", "Nobody has joined as this party, or it was forgotten. A party joins with 'fedrec party join CODE'.");

    private sealed record Entry(PartyCredential Credential, PartyAdmission Admission, ProblemException? Fault)
    {
        /// <summary>Whether it may be for want of the credential that the party has by now.</summary>
        public bool IsOfOldCredential => Fault is not null || Admission == PartyAdmission.OldNonce;
    }
}
