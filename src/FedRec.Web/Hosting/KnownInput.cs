using System.Reflection;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Hosting;

/// <summary>What an endpoint reads: query keys and perhaps a body. Anything else in a request is refused by name, since
/// what is not read would have been meant: a federation in the wrong place is another federation.</summary>
internal sealed class KnownInput
{
    private readonly string[] _keys;
    private readonly string[] _repeatable;
    private readonly bool _readsBody;

    /// <param name="endpoint">An endpoint with its handler's parameters.</param>
    public KnownInput(RouteEndpointBuilder endpoint)
    {
        var handler = endpoint.Metadata.OfType<MethodInfo>().LastOrDefault();
        var inPath = endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var named = (handler?.GetParameters() ?? []).SelectMany(Named).Where(one => !inPath.Contains(one.Name)).ToArray();
        _keys = [.. named.Select(one => one.Name)];
        _repeatable = [.. named.Where(one => one.Type == typeof(string[])).Select(one => one.Name)];
        _readsBody = endpoint.Metadata.OfType<IAcceptsMetadata>().Any();
    }

    /// <exception cref="ProblemException">The request has something that nobody reads.</exception>
    public async Task CheckAsync(HttpContext context)
    {
        foreach (var (key, values) in context.Request.Query)
        {
            if (!_keys.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                throw ProblemException.BadRequest($"'{key}' is no query key of this address. {Known(context)}");
            }

            if (values.Count > 1 && !_repeatable.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                throw ProblemException.BadRequest($"The query key '{key}' is given {values.Count} times; give it once.");
            }
        }

        if (_readsBody)
        {
            CheckEncoding(context.Request);
        }
        else if (await HasBodyAsync(context))
        {
            throw ProblemException.BadRequest($"This address reads no body, but one was sent. {Known(context)}");
        }
    }

    private string Known(HttpContext context)
    {
        var keys = _keys.Length == 0 ? "It has no query keys" : $"Its query keys are {string.Join(", ", _keys.Select(Camel))}";
        var body = _readsBody ? $"; its body has {string.Join(", ", BodyWords.Members(context))}." : ".";
        return keys + body;
    }

    // JSON is UTF-8 (RFC 8259); what is packed or in another encoding would be told to be no JSON.
    private static void CheckEncoding(HttpRequest request)
    {
        var charset = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset.HasValue ? type.Charset.ToString().Trim('"') : null; // an empty one is another one too
        if (charset is not null && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw Unsupported($"The body's charset is '{charset}'; send UTF-8.");
        }

        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw Unsupported($"The body's Content-Encoding is '{request.Headers.ContentEncoding}'; send it as it is.");
        }
    }

    private static ProblemException Unsupported(string detail) => new(StatusCodes.Status415UnsupportedMediaType, "Body not usable", detail);

    private static async Task<bool> HasBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength is { } length)
        {
            return length > 0;
        }

        return context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            && await context.Request.Body.ReadAsync(new byte[1], context.RequestAborted) > 0;
    }

    private static IEnumerable<(string Name, Type Type)> Named(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is not null
            ? parameter.ParameterType.GetProperties().Where(property => IsText(property.PropertyType)).Select(property => (property.Name, property.PropertyType))
            : IsText(parameter.ParameterType) && parameter.GetCustomAttribute<FromFormAttribute>() is null ? [(parameter.Name!, parameter.ParameterType)] : [];

    // Everything else comes from the body, from services or is the request itself.
    private static bool IsText(Type type) => type == typeof(string) || type == typeof(string[]) || (Nullable.GetUnderlyingType(type) ?? type).IsPrimitive;

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
