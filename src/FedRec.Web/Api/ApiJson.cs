using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;

namespace FedRec.Web.Api;

/// <summary>How the API reads and writes JSON: what the types do not allow is refused while the body is read.</summary>
internal static class ApiJson
{
    public static void Configure(JsonOptions options)
    {
        var json = options.SerializerOptions;
        json.Converters.Add(new JsonStringEnumConverter(allowIntegerValues: false));
        json.NumberHandling = JsonNumberHandling.Strict;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow; // a misspelt setting is an error
        json.AllowDuplicateProperties = false;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(CheckValues);
    }

    /// <summary>JSON has no word for a number that is not finite.</summary>
    public static double? FiniteOrNull(double value) => double.IsFinite(value) ? value : null;

    /// <summary>JSON has no word for a number that is not finite.</summary>
    public static float? FiniteOrNull(float value) => float.IsFinite(value) ? value : null;

    // The serializer looks neither into lists for nulls nor at numbers that are too large for their type.
    private static void CheckValues(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.Set is not null))
        {
            var set = property.Set!;
            property.Set = (owner, value) =>
            {
                if (value is double.PositiveInfinity or double.NegativeInfinity or float.PositiveInfinity or float.NegativeInfinity)
                {
                    throw new JsonException("The number is too large.");
                }

                if (value is IDictionary map ? HoldsNull(map.Values) : value is IEnumerable list and not string && HoldsNull(list))
                {
                    throw new JsonException("A list holds a null.");
                }

                set(owner, value);
            };
        }
    }

    private static bool HoldsNull(IEnumerable values) => values.Cast<object?>().Contains(null);
}
