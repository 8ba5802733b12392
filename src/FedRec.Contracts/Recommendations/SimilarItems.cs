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
