using System.Collections.Immutable;

namespace FedRec.Contracts.Recommendations;

/// <summary>A request for the items that a version holds near to an item.</summary>
/// <param name="Item">Original item id.</param>
/// <param name="Count">Items wanted, 1 to 1,000.</param>
/// <param name="Version">Version to ask; 0 for the one in use.</param>
[GenerateSerializer, Immutable, Alias("fedrec.similar-query")]
public sealed record SimilarQuery(
    [property: Id(0)] string Item,
    [property: Id(1)] int Count,
    [property: Id(2)] long Version = 0);

/// <summary>The items that a version holds near to an item, by the version alone.</summary>
/// <param name="Outcome">Whether there is a list.</param>
/// <param name="Version">Version that was asked.</param>
/// <param name="Learner">Name of its learner; empty without a version.</param>
/// <param name="Title">Title of the item that was asked about, or its id; empty when there is no list.</param>
/// <param name="Items">Nearest first; empty when there is no list, or nothing is near.</param>
/// <param name="Reason">For people: how nearness was measured, or why there is no list; null when the outcome says enough.</param>
[GenerateSerializer, Immutable, Alias("fedrec.similar-answer")]
public sealed record SimilarAnswer(
    [property: Id(0)] RecommendationOutcome Outcome,
    [property: Id(1)] long Version,
    [property: Id(2)] string Learner,
    [property: Id(3)] string Title,
    [property: Id(4)] ImmutableArray<SimilarItem> Items,
    [property: Id(5)] string? Reason = null);

/// <summary>An item that is near to another.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="Item">Original item id.</param>
/// <param name="Title">Title, or the id when none is known.</param>
/// <param name="Score">How near it is, above 0; comparable within one list only.</param>
/// <param name="Tags">Tags of the item.</param>
/// <param name="SharedTags">Tags that both have.</param>
[GenerateSerializer, Immutable, Alias("fedrec.similar-item")]
public sealed record SimilarItem(
    [property: Id(0)] int Rank,
    [property: Id(1)] string Item,
    [property: Id(2)] string Title,
    [property: Id(3)] float Score,
    [property: Id(4)] ImmutableArray<string> Tags,
    [property: Id(5)] ImmutableArray<string> SharedTags);

/// <summary>Which part of a ranking is wanted: what is left out, and where the page begins.</summary>
/// <remarks>Items are left out before places are counted, and all others keep their order: the page of offset o and k items is the places o + 1 to
/// o + k of one long list, to the last byte, and ranks go on from page to page.</remarks>
[GenerateSerializer, Immutable, Alias("fedrec.list-part")]
public sealed record ListPart
{
    /// <summary>Places down to which a ranking can be read: the offset and the items wanted may add up to so many.</summary>
    public const int MostPlaces = 10_000;

    /// <summary>Items that may be excluded.</summary>
    public const int MostExcluded = 10_000;

    /// <summary>Tags that may be given.</summary>
    public const int MostTags = 100;

    /// <summary>Original ids of items that are not wanted; one that is not in the catalogue is refused, as everywhere. Default: none.</summary>
    [Id(0)] public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>Only items with one of these tags, as they are written in the catalogue; none for all items. Default: none.</summary>
    [Id(1)] public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Places to skip. Default: 0.</summary>
    [Id(2)] public int Offset { get; init; }
}
