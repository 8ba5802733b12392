using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace FedRec.Cli.Hosting;

/// <summary>Lets those in who know the key: programs by <c>Authorization: Bearer KEY</c>, people in a browser by a password (any name). Without a key everybody is let in.</summary>
/// <param name="key">Empty for none.</param>
/// <remarks>Around everything but the two probes, which tell of nobody, and the addresses for parties, which ask for a signature. Changes that a foreign page makes a browser send with its password are refused further in.</remarks>
internal sealed class ApiKeyGate(string key) : IStartupFilter
{
    private readonly byte[] _hash = HashOf(key);

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (key.Length > 0)
        {
            app.Use((context, following) => IsProbe(context.Request.Path) || IsOfParty(context.Request.Path) || IsKnown(context.Request.Headers.Authorization.ToString()) ? following(context) : RefuseAsync(context));
        }

        next(app);
    };

    private static bool IsProbe(PathString path) => path.Value is "/health/live" or "/health/ready" or ShortAddresses.Prefix + "/health/live" or ShortAddresses.Prefix + "/health/ready";

    // Parties say by keys of their own who they are.
    private static bool IsOfParty(PathString path) => path.StartsWithSegments("/party/v1") || path.StartsWithSegments(ShortAddresses.Prefix + "/party/v1");

    // Hashes are compared, so that the time it takes tells nothing of the key.
    private bool IsKnown(string header) => AuthenticationHeaderValue.TryParse(header, out var given) && KeyOf(given) is { } word && CryptographicOperations.FixedTimeEquals(HashOf(word), _hash);

    private static string? KeyOf(AuthenticationHeaderValue given)
    {
        if (given.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return given.Parameter;
        }

        var buffer = new byte[given.Parameter?.Length ?? 0];
        if (!given.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(given.Parameter ?? "", buffer, out var count))
        {
            return null;
        }

        var words = Encoding.UTF8.GetString(buffer, 0, count);
        return words[(words.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = new[] { "Bearer", "Basic realm=\"FedRec\", charset=\"UTF-8\"" };
        var problem = new ProblemDetails
        {
            Status = StatusCodes.Status401Unauthorized,
            Title = "Key needed",
            Detail = "This FedRec asks for its key (FedRec:Web:ApiKey): send Authorization: Bearer KEY, or in a browser the key as password with any name.",
        };
        return context.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json", context.RequestAborted);
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
