using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts.Access;
using FedRec.Web.Api;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Access;

/// <summary>Lets a request in, or says why not: who sends it, by its key or token, and whether the endpoint is for such. Every endpoint passes here.</summary>
/// <param name="keys">Keys of the cluster.</param>
/// <param name="tokens">Tokens of an issuer.</param>
/// <param name="logins">People who are logged in to the page.</param>
/// <param name="rates">How often.</param>
/// <param name="options">Who may come in.</param>
/// <param name="time">Time.</param>
internal sealed class AccessGate(KnownKeys keys, TokenCallers tokens, Logins logins, AccessRates rates, IOptions<FedRecWebOptions> options, TimeProvider time)
{
    private const string How = "Send Authorization: Bearer KEY, with a key of 'fedrec access key create' or FedRec:Web:ApiKey.";
    private readonly AccessRates _rates = rates;
    private readonly FedRecAccessOptions _access = options.Value.Access;
    private readonly byte[] _configured = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.Access.Key));

    /// <summary>Finds out who sends a request, and refuses what is not for them.</summary>
    /// <exception cref="ProblemException">The caller is nobody (401), or it is not for them (403).</exception>
    public static async Task CheckAsync(HttpContext context)
    {
        var need = context.GetEndpoint()?.Metadata.GetMetadata<AccessNeed>() ?? throw Forbidden("This address does not say whom it is for, so it is for nobody.");
        if ((need.Roles & (AccessRoles.Anybody | AccessRoles.Party)) != 0)
        {
            return; // parties are asked further in, by their own keys
        }

        var gate = context.RequestServices.GetRequiredService<AccessGate>();
        var caller = await gate.IdentifyAsync(context);
        gate._rates.Take(context, caller);
        if ((caller.Role & need.Roles) == 0)
        {
            throw Forbidden($"This is for {WordsFor(need.Roles)}, and the caller is {WordsFor(caller.Role)}. Ask an operator for another key.");
        }

        if (need.OfAll && caller.Federation is not null)
        {
            throw Forbidden($"This is about all federations, and the caller's key is good for '{caller.Federation}' only.");
        }

        context.RequestServices.GetRequiredService<CallerOfRequest>().Caller = caller;
    }

    /// <summary>Logs somebody in to the page by a key.</summary>
    /// <returns>Null, or why the key is not taken.</returns>
    public async Task<string?> EnterAsync(HttpContext context, string given)
    {
        var (caller, key, refusal) = OfKey(given, await keys.ReadAsync(context.RequestAborted, AccessKeyText.Read(given)));
        if (caller is null)
        {
            _rates.TakeRefused(context);
            return refusal!.Value.Title == "Key not known" ? "The key is none of this FedRec." : refusal.Value.Detail;
        }

        await logins.EnterAsync(context, key);
        return null;
    }

    private async Task<Caller> IdentifyAsync(HttpContext context)
    {
        if (IsAskedByHost(context))
        {
            return new Caller($"{context.User.Identity?.Name ?? "somebody"} (of the host)", AccessRoles.Operator);
        }

        var given = CredentialOf(context.Request.Headers.Authorization.ToString());
        var known = await keys.ReadAsync(context.RequestAborted, AccessKeyText.Read(given));
        if (!_access.Required && _access.Key.Length == 0 && !tokens.IsOn && known.IsEmpty)
        {
            return IsLocal(context.Connection.RemoteIpAddress) ? Caller.Local : _access.InsecureNoAuth ? Caller.Anybody
                : throw Forbidden($"Nobody has to say who they are here, so only this machine is answered. Make a key ('fedrec access key create'), or let the host ask (RequireAuthorization).");
        }

        if (given.Length == 0)
        {
            return await logins.FindAsync(context, known, time.GetUtcNow()) is { } reader ? ItsOwnPage(context, reader)
                : throw Nobody(context, "Key needed", $"This FedRec asks who its callers are. {How}");
        }

        var (caller, _, refusal) = OfKey(given, known);
        if (caller is null && tokens.IsOn && AccessKeyText.Read(given) is null && given.Count(c => c == '.') == 2)
        {
            try
            {
                return await tokens.ReadAsync(context);
            }
            catch (ProblemException)
            {
                _rates.TakeRefused(context);
                Challenge(context, isGiven: true);
                throw;
            }
        }

        if (caller is null)
        {
            _rates.TakeRefused(context);
            throw Nobody(context, refusal!.Value.Title, refusal.Value.Detail, isGiven: true);
        }

        return caller;
    }

    private (Caller? Caller, AccessKeyRecord? Key, (string Title, string Detail)? Refusal) OfKey(string given, ImmutableDictionary<string, AccessKeyRecord> known)
    {
        if (AccessKeyText.Read(given) is { } text && known.TryGetValue(text.Id, out var key) && text.IsOf(key.Hash.Span))
        {
            if (!key.IsGood(time.GetUtcNow()))
            {
                return (null, null, ("Key not usable", $"The key {text} {(key.Revoked is null ? "has expired" : "was revoked")}. An operator makes another one: fedrec access key create."));
            }

            keys.NoteUsed(key);
            return (Caller.Of(key), key, null);
        }

        // Hashes are compared, so that the time it takes tells nothing of the key.
        return _access.Key.Length > 0 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _configured)
            ? (Caller.Configured, null, null) : (null, null, ("Key not known", $"The key is none of this FedRec. {How}"));
    }

    // A browser sends the cookie whoever has it send a request; so a change must say that FedRec's own page does.
    private static Caller ItsOwnPage(HttpContext context, Caller reader)
    {
        var request = context.Request;
        return HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || SiteCheck.IsOwnPage(request) ? reader
            : throw Forbidden("A change by somebody who is logged in must come from FedRec's own page, which a browser says by itself (Origin). Programs send a key: Authorization: Bearer KEY.");
    }

    // The host's own middleware has let the caller in, or the endpoint would not be answering.
    private static bool IsAskedByHost(HttpContext context) =>
        context.GetEndpoint()!.Metadata.GetMetadata<IAuthorizeData>() is not null && context.GetEndpoint()!.Metadata.GetMetadata<IAllowAnonymous>() is null;

    private static bool IsLocal(IPAddress? address) => address is null || IPAddress.IsLoopback(address); // no address: a server in the same process

    private static string CredentialOf(string header) =>
        AuthenticationHeaderValue.TryParse(header, out var given) && given.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? given.Parameter ?? "" : "";

    private static ProblemException Nobody(HttpContext context, string title, string detail, bool isGiven = false)
    {
        Challenge(context, isGiven);
        return new ProblemException(StatusCodes.Status401Unauthorized, title, detail);
    }

    // Late, because the error answers clear the headers that were set before them.
    private static void Challenge(HttpContext context, bool isGiven) => context.Response.OnStarting(() =>
    {
        if (context.Response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = isGiven ? "Bearer error=\"invalid_token\"" : "Bearer";
        }

        return Task.CompletedTask;
    });

    private static string WordsFor(AccessRoles roles) => string.Join(" or ", new[] { AccessRoles.Viewer, AccessRoles.App, AccessRoles.Operator }.Where(role => roles.HasFlag(role)).Select(role => role switch
    {
        AccessRoles.Viewer => "a viewer",
        AccessRoles.App => "an app",
        _ => "an operator",
    }));

    private static ProblemException Forbidden(string detail) => new(StatusCodes.Status403Forbidden, "Not for this caller", detail);
}
