using FedRec.Contracts.Recommendations;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>What a model knows of items, whoever asks.</summary>
internal static class ItemsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/items/{item}/similar", FindSimilarAsync).ForAll().WithName("similarItems").WithTags("Items").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("The items that the version in use, or another, holds nearest to an item, by the model alone: ease and pca by a row of their weights, mf and two-tower by the cosine of item vectors.");
        api.MapGet("/items/popular", ListPopularAsync).ForAll().WithName("popularItems").WithTags("Items").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("The items that most users have met, all of them or those with a tag. Items of fewer than 10 users, or than the data asks for, are not listed.");
        api.MapGet("/items/similar", () => NamesNothing()).ForAll().ExcludeFromDescription();
    }

    private static NoContent NamesNothing() => throw ProblemException.BadRequest("The address names no item: the item's id stands between 'items/' and '/similar'.");

    private static async Task<Ok<SimilarItemsView>> FindSimilarAsync(
        string item, FederationSelector selector, CancellationToken cancellationToken, string? federation = null, int k = 10, long version = 0)
    {
        Check.Range(k, 1, RecommendationsApi.Most, nameof(k)); // before the cluster is asked for anything
        Check.AtLeast(version, 0, nameof(version));
        var name = await selector.SelectAsync(federation, cancellationToken);
        var answer = await selector.Recommender(name).FindSimilarAsync(new SimilarQuery(item, k, version), cancellationToken);
        return answer.Outcome is RecommendationOutcome.Found
            ? TypedResults.Ok(SimilarItemsView.From(name, item, answer))
            : throw RecommendationsApi.NoList(answer.Outcome, name, version, answer.Version, answer.Reason);
    }

    private static async Task<Ok<PopularItemsView>> ListPopularAsync(
        FederationSelector selector, CancellationToken cancellationToken, string? federation = null, int k = 10, string[]? tag = null)
    {
        Check.Range(k, 1, RecommendationsApi.Most, nameof(k));
        var part = RecommendationsApi.Part(k, [], tag ?? [], 0);
        var name = await selector.SelectAsync(federation, cancellationToken);
        var answer = await selector.Recommender(name).GetPopularAsync(k, part, cancellationToken);
        return answer.HasList()
            ? TypedResults.Ok(new PopularItemsView(name, answer.Version, [.. answer.Items.Select(item => new PopularItemView(item.Rank, item.Item, item.Title, (long)item.Score, item.Tags))], answer.Reason))
            : throw RecommendationsApi.NoList(answer.Outcome, name, 0, answer.Version, answer.Reason);
    }
}

/// <summary>The items that most users have met.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Version">Version in use, whose data was counted.</param>
/// <param name="Items">Most popular first.</param>
/// <param name="Reason">How they are ranked, and what is not listed.</param>
public sealed record PopularItemsView(string Federation, long Version, IReadOnlyList<PopularItemView> Items, string? Reason);

/// <summary>A popular item.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="Item">Original item id.</param>
/// <param name="Title">Title, or the id when none is known.</param>
/// <param name="Users">Users who have met it.</param>
/// <param name="Tags">Tags of the item.</param>
public sealed record PopularItemView(int Rank, string Item, string Title, long Users, IReadOnlyList<string> Tags);

/// <summary>The items that a version holds near to an item.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Item">The item that was asked about, by its original id.</param>
/// <param name="Title">Its title, or the id when none is known.</param>
/// <param name="Version">Version that was asked.</param>
/// <param name="Learner">Its learner.</param>
/// <param name="Items">Nearest first; only what is near at all.</param>
/// <param name="Reason">How nearness was measured.</param>
public sealed record SimilarItemsView(string Federation, string Item, string Title, long Version, string Learner, IReadOnlyList<SimilarItemView> Items, string? Reason)
{
    internal static SimilarItemsView From(string federation, string item, SimilarAnswer answer) => new(federation, item, answer.Title, answer.Version, answer.Learner,
        [.. answer.Items.Select(near => new SimilarItemView(near.Rank, near.Item, near.Title, ApiJson.FiniteOrNull(near.Score), near.Tags, near.SharedTags))], answer.Reason);
}

/// <summary>An item that is near to another.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="Item">Original item id.</param>
/// <param name="Title">Title, or the id when none is known.</param>
/// <param name="Score">How near it is, above 0; comparable within one list only.</param>
/// <param name="Tags">Tags of the item.</param>
/// <param name="SharedTags">Tags that both have.</param>
public sealed record SimilarItemView(int Rank, string Item, string Title, float? Score, IReadOnlyList<string> Tags, IReadOnlyList<string> SharedTags);
