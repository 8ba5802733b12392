using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts.Access;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Access;

/// <summary>Lets a request in, or says why not: who sends it, by its key or token, and whether the endpoint is for such. Every endpoint passes here.</summary>
/// <param name="keys">Keys of the cluster.</param>
/// <param name="tokens">Tokens of an issuer.</param>
/// <param name="options">Who may come in.</param>
/// <param name="time">Time.</param>
internal sealed class AccessGate(KnownKeys keys, TokenCallers tokens, IOptions<FedRecWebOptions> options, TimeProvider time)
{
    private const string How = "Send Authorization: Bearer KEY, with a key of 'fedrec access key create' or FedRec:Web:ApiKey.";
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

        var caller = await context.RequestServices.GetRequiredService<AccessGate>().IdentifyAsync(context);
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

    private async Task<Caller> IdentifyAsync(HttpContext context)
    {
        if (IsAskedByHost(context))
        {
            return new Caller($"{context.User.Identity?.Name ?? "somebody"} (of the host)", AccessRoles.Operator);
        }

        var known = await keys.ReadAsync(context.RequestAborted);
        if (!_access.Required && _access.Key.Length == 0 && !tokens.IsOn && known.IsEmpty)
        {
            return IsLocal(context.Connection.RemoteIpAddress) ? Caller.Local : _access.InsecureNoAuth ? Caller.Anybody
                : throw Forbidden($"Nobody has to say who they are here, so only this machine is answered. Make a key ('fedrec access key create'), or let the host ask (RequireAuthorization).");
        }

        var given = CredentialOf(context.Request.Headers.Authorization.ToString());
        if (given.Length == 0)
        {
            throw Nobody(context, "Key needed", $"This FedRec asks who its callers are. {How}");
        }

        if (AccessKeyText.Read(given) is { } text && known.TryGetValue(text.Id, out var key) && text.IsOf(key.Hash.Span))
        {
            if (!key.IsGood(time.GetUtcNow()))
            {
                throw Nobody(context, "Key not usable", $"The key {text} {(key.Revoked is null ? "has expired" : "was revoked")}. An operator makes another one: fedrec access key create.", isGiven: true);
            }

            keys.NoteUsed(key);
            return Caller.Of(key);
        }

        // Hashes are compared, so that the time it takes tells nothing of the key.
        if (_access.Key.Length > 0 && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _configured))
        {
            return new Caller("the configured key", AccessRoles.Operator);
        }

        if (!tokens.IsOn || given.Count(c => c == '.') != 2)
        {
            throw Nobody(context, "Key not known", $"The key is none of this FedRec. {How}", isGiven: true);
        }

        Challenge(context, isGiven: true);
        return await tokens.ReadAsync(context);
    }

    // The host's own middleware has let the caller in, or the endpoint would not be answering.
    private static bool IsAskedByHost(HttpContext context) =>
        context.GetEndpoint()!.Metadata.GetMetadata<IAuthorizeData>() is not null && context.GetEndpoint()!.Metadata.GetMetadata<IAllowAnonymous>() is null;

    private static bool IsLocal(IPAddress? address) => address is null || IPAddress.IsLoopback(address); // no address: a server in the same process

    // Programs send Bearer; a browser sends the password that it was given.
    private static string CredentialOf(string header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var given) || given.Parameter is not { } parameter)
        {
            return "";
        }

        if (given.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return parameter;
        }

        var buffer = new byte[parameter.Length];
        return given.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && Convert.TryFromBase64String(parameter, buffer, out var count)
            ? Encoding.UTF8.GetString(buffer, 0, count) is var words ? words[(words.IndexOf(':', StringComparison.Ordinal) + 1)..] : "" : "";
    }

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
            context.Response.Headers.WWWAuthenticate = new[] { isGiven ? "Bearer error=\"invalid_token\"" : "Bearer", "Basic realm=\"FedRec\", charset=\"UTF-8\"" };
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
