using FedRec.Contracts.Recommendations;
using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>Recommendations, and users to ask for.</summary>
internal static class RecommendationsApi
{
    internal const int Most = 1_000;
    private const int MostItems = 10_000;
    private const int MostBodyBytes = 2 << 20; // that many items with ids of 200 bytes

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/recommendations/{user}", RecommendAsync).ForAll().WithName("recommend").WithTags("Recommendations")
            .WithSummary("The best items a user has not met yet, from the version in use or from another, page by page, without some items or with some tags only; with reasons when asked.");
        api.MapPost("/recommendations", RecommendForItemsAsync).ForAll().WithName("recommendForItems").WithTags("Recommendations").WithBodyOf(MostBodyBytes).ChangesNothing()
            .WithSummary("The best items for somebody who is in no client's data, from the items in the request, which are not stored, but for the reasons in the audit trail of audited data.");
        api.MapGet("/recommendations", () => NamesNobody()).ForAll().ExcludeFromDescription();
        api.MapDelete("/users", () => NamesNobody()).ForOperators().ExcludeFromDescription();
        api.MapGet("/users", FindUsersAsync).ForViewers().WithName("findUsers").WithTags("Recommendations")
            .WithSummary("Some users that can be asked about, by the beginning of their id.");
    }

    /// <summary>Asks the recommender; shared with the page.</summary>
    /// <exception cref="ProblemException">A value is out of range, or there is no such user or version.</exception>
    public static async Task<RecommendationsView> AskAsync(
        FederationSelector selector, string federation, RecommendationQuery query, CancellationToken cancellationToken)
    {
        Check.Range(query.Count, 1, Most, "k");
        Check.AtLeast(query.Version, 0, "version");
        var answer = await selector.Recommender(federation).RecommendAsync(query, cancellationToken);
        return answer.HasList() ? new RecommendationsView(federation, query.User.Length > 0 ? query.User : null, answer.Version, [.. answer.Items.Select(RecommendedItemView.From)], answer.Reason)
            : throw (answer.Outcome, query.User) switch
            {
                (RecommendationOutcome.UnknownUser, "") => ProblemException.NotFound("No list",
                    $"Nothing is known of this user, and the rows of federation '{federation}' have labels: nothing is popular among them."),
                (RecommendationOutcome.UnknownUser, var user) => ProblemException.NotFound("No such user",
                    $"Federation '{federation}' has no user '{user}'. GET ~/api/v1/users?federation={federation} lists some."),
                _ => NoList(answer.Outcome, federation, query.Version, answer.Version, answer.Reason),
            };
    }

    /// <summary>Why there is no list.</summary>
    /// <param name="outcome">What the recommender says.</param>
    /// <param name="federation">The federation asked.</param>
    /// <param name="asked">The version asked for; 0 for the one in use.</param>
    /// <param name="version">The version that answered.</param>
    /// <param name="reason">What it says to people.</param>
    internal static ProblemException NoList(RecommendationOutcome outcome, string federation, long asked, long version, string? reason) => outcome switch
    {
        RecommendationOutcome.UserForgotten => new(StatusCodes.Status410Gone, "User forgotten", reason!),
        RecommendationOutcome.UnknownItem => ProblemException.NotFound("No such item", $"{reason} GET ~/api/v1/items/popular?federation={federation} lists some items."),
        RecommendationOutcome.UnknownTag => ProblemException.BadRequest(reason!),
        RecommendationOutcome.NotMeasured => ProblemException.Conflict("Not measured by this learner", reason!),
        RecommendationOutcome.DataUnavailable => new(503, "Data not available", // the reason may quote the file
            $"The data that version {version} was trained on cannot be read any more. 'fedrec recommend' says why to those who may read it."),
        RecommendationOutcome.AuditUnavailable => new(503, "Audit trail not available", reason!),
        _ when asked > 0 => ProblemException.NotFound("No such model version",
            $"Federation '{federation}' has no version {asked}. GET ~/api/v1/models?federation={federation} lists its versions."),
        _ => ProblemException.NotFound("No model in use",
            $"Federation '{federation}' has no model in use yet. Wait for a run to publish one, or promote a version."),
    };

    // An empty id ends the path early.
    private static NoContent NamesNobody() => throw ProblemException.BadRequest("The address names no user: the user's id is its last part.");

    private static async Task<Ok<RecommendationsView>> RecommendAsync(
        string user, FederationSelector selector, CancellationToken cancellationToken,
        string? federation = null, int k = 10, bool explain = false, long version = 0, string[]? exclude = null, string[]? tag = null, int offset = 0)
    {
        Check.Range(k, 1, Most, nameof(k)); // before the cluster is asked for anything
        var part = Part(k, exclude ?? [], tag ?? [], offset);
        var name = await selector.SelectAsync(federation, cancellationToken);
        return TypedResults.Ok(await AskAsync(selector, name, new RecommendationQuery(user, k, explain, version) { Part = part }, cancellationToken));
    }

    /// <summary>The part of a list that a request is about; null for its beginning.</summary>
    /// <exception cref="ProblemException">A value is out of range.</exception>
    internal static ListPart? Part(int k, IReadOnlyList<string> exclude, IReadOnlyList<string> tags, int offset)
    {
        Check.Range(offset, 0, ListPart.MostPlaces - k, nameof(offset));
        Check.Range(exclude.Count, 0, ListPart.MostExcluded, "exclude.length");
        Check.Range(tags.Count, 0, ListPart.MostTags, "tags.length");
        return exclude.Count + tags.Count + offset == 0 ? null : new ListPart { Exclude = [.. exclude], Tags = [.. tags], Offset = offset };
    }

    private static async Task<Ok<RecommendationsView>> RecommendForItemsAsync(
        RecommendForItemsBody body, FederationSelector selector, CancellationToken cancellationToken)
    {
        Check.Range(body.K, 1, Most, "k");
        Check.Range(body.Items.Count, 0, MostItems, "items.length");
        var part = Part(body.K, body.Exclude, body.Tags, body.Offset);
        var name = await selector.SelectAsync(body.Federation, cancellationToken);
        return TypedResults.Ok(await AskAsync(selector, name, body.ToQuery() with { Part = part }, cancellationToken));
    }

    private static async Task<Ok<IReadOnlyList<string>>> FindUsersAsync(
        FederationSelector selector, CancellationToken cancellationToken, string? federation = null, string prefix = "", int count = 20)
    {
        Check.Range(count, 1, Most, nameof(count));
        var name = await selector.SelectAsync(federation, cancellationToken);
        IReadOnlyList<string> users = await selector.Recommender(name).FindUsersAsync(prefix, count, cancellationToken);
        return TypedResults.Ok(users);
    }
}
