using FedRec.Contracts.Histories;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>What users do after the data was loaded; it goes to the client that holds the user, and stays there.</summary>
internal static class InteractionsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/interactions", AddAsync).WithName("addInteraction").WithTags("Interactions").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Adds an item to a user's history: recommendations follow at once, training from the next run on.");
        api.MapDelete("/interactions", RemoveAsync).WithName("removeInteraction").WithTags("Interactions").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Takes an item out of a user's history.");
        api.MapDelete("/users/{user}", ForgetAsync).WithName("forgetUser").WithTags("Interactions").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Takes everything out of a user's history, also what was loaded. The next run forgets the user.");
    }

    private static Task<NoContent> AddAsync(InteractionBody body, FederationSelector selector, CancellationToken cancellationToken) =>
        RecordAsync(selector, body.Federation, new HistoryChange(body.User, HistoryChangeKind.Added, body.Item, body.Rating), cancellationToken);

    private static Task<NoContent> RemoveAsync(
        string user, string item, FederationSelector selector, CancellationToken cancellationToken, string? federation = null) =>
        RecordAsync(selector, federation, new HistoryChange(user, HistoryChangeKind.Removed, item), cancellationToken);

    private static Task<NoContent> ForgetAsync(string user, FederationSelector selector, CancellationToken cancellationToken, string? federation = null) =>
        RecordAsync(selector, federation, new HistoryChange(user, HistoryChangeKind.Forgotten), cancellationToken);

    private static async Task<NoContent> RecordAsync(FederationSelector selector, string? federation, HistoryChange change, CancellationToken cancellationToken)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var receipt = await selector.History(name).RecordAsync(change, cancellationToken);
        return receipt.Outcome switch
        {
            HistoryOutcome.Recorded => TypedResults.NoContent(),
            HistoryOutcome.UnknownUser => throw ProblemException.NotFound("No such user", receipt.Message),
            HistoryOutcome.UnknownItem => throw ProblemException.NotFound("No such item", receipt.Message),
            HistoryOutcome.NoRun => throw new ProblemException(StatusCodes.Status409Conflict, "No run yet", receipt.Message),
            _ => throw ProblemException.BadRequest(receipt.Message),
        };
    }
}

/// <summary>An interaction to add.</summary>
public sealed record InteractionBody
{
    /// <summary>Original user id.</summary>
    public required string User { get; init; }

    /// <summary>Original item id.</summary>
    public required string Item { get; init; }

    /// <summary>The rating, where the data has ratings. Default: none.</summary>
    public float? Rating { get; init; }

    /// <summary>Federation. Default: the most recently active one.</summary>
    public string? Federation { get; init; }
}
