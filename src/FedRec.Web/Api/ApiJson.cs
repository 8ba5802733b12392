using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;

namespace FedRec.Web.Api;

/// <summary>How the API reads and writes JSON.</summary>
internal static class ApiJson
{
    public static void Configure(JsonOptions options)
    {
        options.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow; // a misspelt setting is an error
    }

    /// <summary>JSON has no word for a number that is not finite.</summary>
    public static double? FiniteOrNull(double value) => double.IsFinite(value) ? value : null;

    /// <summary>JSON has no word for a number that is not finite.</summary>
    public static float? FiniteOrNull(float value) => float.IsFinite(value) ? value : null;
}
