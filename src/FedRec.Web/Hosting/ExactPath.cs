using System.Text;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FedRec.Web.Hosting;

/// <summary>Gives each segment of an address to the endpoint decoded exactly once, whatever characters an id has.</summary>
/// <remarks>The server decodes all but <c>%2F</c> and takes <c>..</c> out afterwards: the ids <c>a/b</c> and <c>a%2Fb</c> could not be told
/// apart, and <c>users/%2e%2e</c> was another address. So the path is taken as it was sent. Until routing is done the slash and
/// the percent sign of a segment stay escaped; <see cref="DecodeValues"/> decodes those two.</remarks>
internal static class ExactPath
{
    private const string NotEncoded = "The address is not percent-encoded UTF-8: write each byte of a character beyond letters and digits as % and two hexadecimal digits.";
    private static readonly object s_exact = new();
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Gives an address below a prefix back as it was sent; every other one is left as it is.</summary>
    public static Task SetAsync(HttpContext context, Mounts mounts, RequestDelegate next)
    {
        var path = new PathString(Readable(Sent(context).Split('?')[0])); // the conversion from a string would decode it once more
        if (path.HasValue && mounts.Find(path) is not null)
        {
            context.Request.Path = path;
            context.Items[s_exact] = s_exact;
        }

        return next(context);
    }

    /// <summary>Refuses an address that is not percent-encoded UTF-8.</summary>
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsWellFormed(Sent(context)))
        {
            return ProblemAnswers.WriteAsync(context, new ProblemDetails
            {
                Status = StatusCodes.Status400BadRequest,
                Title = "Address not usable",
                Detail = NotEncoded,
            });
        }

        return next(context);
    }

    /// <summary>Decodes what <see cref="SetAsync"/> left escaped in the values of the route.</summary>
    /// <remarks>In a host that is itself below a path (<c>UsePathBase</c>), which is known after its routing only, they are taken from the address as it was sent.</remarks>
    /// <exception cref="ProblemException">The address is not percent-encoded UTF-8, or has dot segments.</exception>
    public static void DecodeValues(HttpContext context)
    {
        var values = context.Request.RouteValues;
        if (!context.Items.ContainsKey(s_exact) && context.GetEndpoint() is RouteEndpoint { RoutePattern.PathSegments: var pattern })
        {
            TakeAsSent(context, pattern);
            return;
        }

        foreach (var (name, value) in values.ToArray())
        {
            if (value is string text && text.Contains('%', StringComparison.Ordinal))
            {
                values[name] = text.Replace("%2F", "/", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
            }
        }
    }

    private static void TakeAsSent(HttpContext context, IReadOnlyList<RoutePatternPathSegment> pattern)
    {
        var sent = Sent(context).Split('?')[0];
        var (segments, first) = (sent.Split('/'), context.Request.PathBase.Value!.Split('/').Length);
        if (!IsWellFormed(Sent(context)) || segments.Length != first + pattern.Count)
        {
            throw ProblemException.BadRequest(IsWellFormed(Sent(context)) ? $"The address '{sent}' has dot segments or empty ones, which name nothing here." : NotEncoded);
        }

        for (var i = 0; i < pattern.Count; i++)
        {
            if (pattern[i].Parts is [RoutePatternParameterPart part])
            {
                context.Request.RouteValues[part.Name] = Uri.UnescapeDataString(segments[first + i]);
            }
        }
    }

    // A proxy sends the whole address, with the name of the host.
    private static string Sent(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var host = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        var path = host < 0 ? 0 : target.IndexOf('/', host + 3);
        return path < 0 ? "" : target[path..];
    }

    private static string Readable(string path) => !path.Contains('%', StringComparison.Ordinal) ? path : string.Join('/', path.Split('/').Select(segment => segment.Contains('%', StringComparison.Ordinal)
        ? Uri.UnescapeDataString(segment).Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal)
        : segment));

    private static bool IsWellFormed(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return true;
        }

        var bytes = new byte[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                bytes[count++] = text[i] < 0x80 ? (byte)text[i] : (byte)'?';
            }
            else if (i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[count++] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else
            {
                return false;
            }
        }

        try
        {
            _ = s_strict.GetCharCount(bytes, 0, count);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
