using System.Globalization;
using FedRec.Contracts.Recommendations;

namespace FedRec.Web.Api;

/// <summary>Says in words why an item is recommended.</summary>
internal static class ReasonWords
{
    /// <summary>Such as <c>because of Solaris (+0.21), Stalker (+0.09)</c>; null without reasons.</summary>
    public static string? For(IReadOnlyList<RecommendationReason> reasons) =>
        reasons.Count == 0 ? null : "because of " + string.Join(", ", reasons.Select(r => $"{r.Title} ({Part(r.Part)})"));

    /// <summary>A part of a score with its sign.</summary>
    public static string Part(float? part) => part is { } value ? value.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture) : "?";
}
