using System.Globalization;
using FedRec.Contracts.Recommendations;

namespace FedRec.Web.Api;

/// <summary>Recommendations for one user.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="User">The user; null for the items of a request.</param>
/// <param name="Version">Version that scored them.</param>
/// <param name="Items">Best first; for somebody of whom nothing is known what most users have met.</param>
/// <param name="Reason">Why the list is not made for this user; null when it is.</param>
public sealed record RecommendationsView(string Federation, string? User, long Version, IReadOnlyList<RecommendedItemView> Items, string? Reason);

/// <summary>One recommended item.</summary>
/// <param name="Rank">From 1 in the whole list, of which this may be a later page.</param>
/// <param name="Item">Original item id.</param>
/// <param name="Title">Title, or the id when none is known.</param>
/// <param name="Score">Comparable within one list only.</param>
/// <param name="Tags">Tags of the item.</param>
/// <param name="Reasons">The user's own items that add most to the score, largest first; empty unless asked for.</param>
/// <param name="Explanation">The reasons in words; null without reasons.</param>
public sealed record RecommendedItemView(
    int Rank,
    string Item,
    string Title,
    float? Score,
    IReadOnlyList<string> Tags,
    IReadOnlyList<ReasonView> Reasons,
    string? Explanation)
{
    internal static RecommendedItemView From(RecommendedItem item) => new(
        item.Rank, item.Item, item.Title, ApiJson.FiniteOrNull(item.Score), item.Tags,
        [.. item.Reasons.Select(r => new ReasonView(r.Title, ApiJson.FiniteOrNull(r.Part), r.SharedTags))],
        ReasonWords.For(item.Reasons));
}

/// <summary>Why an item is recommended.</summary>
/// <param name="Title">Title of the user's own item.</param>
/// <param name="Part">What it adds to the score.</param>
/// <param name="SharedTags">Tags that both have.</param>
public sealed record ReasonView(string Title, float? Part, IReadOnlyList<string> SharedTags);

/// <summary>Asks for somebody who is in no client's data, by what they have met. It is used for the answer alone and stored nowhere.</summary>
public sealed record RecommendForItemsBody
{
    /// <summary>What the user has met, at most 10,000 items; without any the list is of what most users have met.</summary>
    public required IReadOnlyList<MetItem> Items { get; init; }

    /// <summary>Default: the most recently active federation.</summary>
    public string? Federation { get; init; }

    /// <summary>Items wanted, 1 to 1,000. Default: 10.</summary>
    public int K { get; init; } = 10;

    /// <summary>Whether reasons are wanted. Default: false.</summary>
    public bool Explain { get; init; }

    /// <summary>Version to ask; 0 for the one in use. Default: 0.</summary>
    public long Version { get; init; }

    /// <summary>Original ids of items that are not wanted, at most 10,000; one that is not in the catalogue is refused. Default: none.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Only items with one of these tags, at most 100; a tag that no item has is refused. Default: all items.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Places to skip: ranks go on from page to page. With <see cref="K"/> at most 10,000. Default: 0.</summary>
    public int Offset { get; init; }

    /// <summary>Nothing is known of a user without an id and without items.</summary>
    internal RecommendationQuery ToQuery() => new("", K, Explain, Version) { Items = [.. Items] };
}

/// <summary>Says in words why an item is recommended.</summary>
internal static class ReasonWords
{
    /// <summary>Such as <c>because of Solaris (+0.21), Stalker (+0.09)</c>; null without reasons.</summary>
    public static string? For(IReadOnlyList<RecommendationReason> reasons) =>
        reasons.Count == 0 ? null : "because of " + string.Join(", ", reasons.Select(r => $"{r.Title} ({Part(r.Part)})"));

    /// <summary>A part of a score with its sign.</summary>
    public static string Part(float? part) => part is { } value ? value.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture) : "?";
}
