using System.Text.Json;
using System.Text.RegularExpressions;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace FedRec.Web.Api;

/// <summary>Says which member of a JSON body is wrong, without the names of types that the serializer's own words have.</summary>
internal static partial class BodyWords
{
    public static string For(HttpContext context, JsonException json)
    {
        var path = json.Path ?? "$";
        if (Missing().Match(json.Message) is { Success: true } missing)
        {
            return $"The body misses {missing.Groups[1].Value} at '{path}'.";
        }

        if (json.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal))
        {
            if (path == "$.data" && RequestType(context) == typeof(StartRunBody))
            {
                return StartRunBody.NamesData;
            }

            var owner = path[..Math.Max(1, path.LastIndexOf('.'))];
            return $"The body has an unknown key at '{path}'. Keys there are {string.Join(", ", Members(context, owner))}.";
        }

        return $"The body cannot be read at '{path}', line {json.LineNumber + 1}: no JSON, null or a wrong kind of value there. " +
            "~/openapi/v1.json describes the body.";
    }

    /// <summary>Keys of the body that the endpoint takes, or of an object in it.</summary>
    public static IEnumerable<string> Members(HttpContext context, string path = "$")
    {
        var options = OwnServices.Json.SerializerOptions;
        var info = RequestType(context) is { } type ? options.GetTypeInfo(type) : null;
        foreach (var name in path.Split('.').Skip(1))
        {
            var member = info?.Properties.FirstOrDefault(property => property.Name == name.Split('[')[0])?.PropertyType;
            info = member is null ? null : options.GetTypeInfo(member);
            info = info?.ElementType is { } element && name.Contains('[', StringComparison.Ordinal) ? options.GetTypeInfo(element) : info;
        }

        return info?.Properties.Select(property => property.Name) ?? [];
    }

    private static Type? RequestType(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;

    [GeneratedRegex(@"missing required properties including: (.*?)\.?\z", RegexOptions.Singleline)]
    private static partial Regex Missing();
}
