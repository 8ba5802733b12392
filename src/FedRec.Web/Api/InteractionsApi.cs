using FedRec.Contracts.Histories;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>What users do after the data was loaded; it goes to the user's grain, and stays there.</summary>
internal static class InteractionsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/interactions", AddAsync).ForApps().WithName("addInteraction").WithTags("Interactions").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Adds an item to a user's history: recommendations follow at once, training from the next run on. A federation that is named and not there yet begins with it, and takes new users and items.");
        api.MapDelete("/interactions", RemoveAsync).ForApps().WithName("removeInteraction").WithTags("Interactions").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Takes an item out of a user's history.");
        api.MapDelete("/users/{user}", ForgetAsync).ForOperators().WithName("forgetUser").WithTags("Interactions").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Forgets a user: erases what was recorded, recommends nothing any more, certifies it with the federation's signature, and says where the user's data may remain. The next run trains without the user. With retire, model versions that counted the user are deleted, the one in use once another is.");
    }

    private static async Task<NoContent> AddAsync(InteractionBody body, FederationSelector selector, TimeProvider time, CancellationToken cancellationToken)
    {
        var change = new HistoryChange(body.User, HistoryChangeKind.Added, body.Item, body.Rating) { Time = body.Time?.ToUnixTimeMilliseconds() };
        if (body.Client is { } client)
        {
            await ImportAsync(selector, body.Federation, client, change with { Time = change.Time ?? time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken);
        }
        else
        {
            await RecordAsync(selector, body.Federation, change, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static async Task ImportAsync(FederationSelector selector, string? federation, string client, HistoryChange change, CancellationToken cancellationToken)
    {
        var name = federation is { Length: > 0 } ? CheckedName(federation) : await selector.SelectAsync(federation, cancellationToken);
        var receipt = await selector.History(name).ImportOfAsync(client, [change], cancellationToken);
        if (receipt.Outcome is not HistoryOutcome.Recorded)
        {
            throw ProblemException.BadRequest(receipt.Message);
        }
    }

    private static async Task<NoContent> RemoveAsync(
        string user, string item, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        await RecordAsync(selector, federation, new HistoryChange(user, HistoryChangeKind.Removed, item), cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ForgottenView>> ForgetAsync(string user, FederationSelector selector, CancellationToken cancellationToken, string? federation = null, bool retire = false)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var answer = await selector.History(name).ForgetAsync(user, retire, cancellationToken);
        ThrowUnlessRecorded(answer.Receipt);
        return TypedResults.Ok(new ForgottenView(name, answer.Receipt.Message, answer.Receipt.Remaining, answer.Certificate));
    }

    // One that is named and not there yet begins: its clients keep their data themselves.
    private static string CheckedName(string federation)
    {
        Check.Name(federation, nameof(federation));
        return federation;
    }

    private static async Task RecordAsync(FederationSelector selector, string? federation, HistoryChange change, CancellationToken cancellationToken)
    {
        var name = federation is { Length: > 0 } && change.Kind == HistoryChangeKind.Added ? CheckedName(federation) : await selector.SelectAsync(federation, cancellationToken);
        ThrowUnlessRecorded(await selector.History(name).RecordAsync(change, cancellationToken));
    }

    private static void ThrowUnlessRecorded(HistoryReceipt receipt)
    {
        if (receipt.Outcome is HistoryOutcome.Recorded)
        {
            return;
        }

        throw receipt.Outcome switch
        {
            HistoryOutcome.UnknownUser => ProblemException.NotFound("No such user", receipt.Message),
            HistoryOutcome.UnknownItem => ProblemException.NotFound("No such item", receipt.Message),
            HistoryOutcome.UserForgotten => new ProblemException(StatusCodes.Status410Gone, "User forgotten", receipt.Message),
            HistoryOutcome.NoRun => new ProblemException(StatusCodes.Status409Conflict, "No run yet", receipt.Message),
            _ => ProblemException.BadRequest(receipt.Message),
        };
    }
}

/// <summary>A user who was forgotten.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Message">What was done, for people.</param>
/// <param name="Remaining">Where the user's data may remain, a place for each line.</param>
/// <param name="Certificate">What was done and what not, signed with the federation's key; <c>fedrec history verify</c> checks it.</param>
public sealed record ForgottenView(string Federation, string Message, IReadOnlyList<string> Remaining, ForgettingCertificate? Certificate);

/// <summary>An interaction to add.</summary>
public sealed record InteractionBody : INamesUser
{
    /// <summary>Original user id.</summary>
    public required string User { get; init; }

    /// <summary>Original item id.</summary>
    public required string Item { get; init; }

    /// <summary>The rating, where the data has ratings. Default: none.</summary>
    public float? Rating { get; init; }

    /// <summary>When it happened, where clients keep their data themselves. Default: now.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Organisation that keeps what its users do and is one client with all of them; one that is not there yet joins. Elsewhere its user 42 is
    /// <c>north/42</c>. Default: the user is a client.</summary>
    public string? Client { get; init; }

    /// <summary>Federation; one that is not there yet begins. Default: the most recently active one.</summary>
    public string? Federation { get; init; }

    string INamesUser.NamedUser => Client is { } client ? $"{client}/{User}" : User;
}
