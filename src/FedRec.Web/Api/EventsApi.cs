using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Api;

/// <summary>What happens in a run, as server-sent events.</summary>
internal static class EventsApi
{
    private const string Resumable =
        "Resumable: Last-Event-ID (or ?after=) is the id of the last event seen. Ends with the run; 204 when nothing more will come.";

    public static void Map(IEndpointRouteBuilder api)
    {
        Describe(api.MapGet("/events", OfLatestRunAsync), "streamEvents", "Events of a run, by default the active or newest one.");
        Describe(api.MapGet("/runs/{id}/events", OfRunAsync), "streamRunEvents", "Events of a run.");
    }

    private static void Describe(RouteHandlerBuilder endpoint, string name, string summary) =>
        endpoint.WithName(name).WithTags("Events").WithSummary(summary).WithDescription(Resumable)
            .Produces<EventView>(StatusCodes.Status200OK, "text/event-stream")
            .Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> OfLatestRunAsync(
        HttpRequest request, FederationSelector selector, IOptions<FedRecWebOptions> options, CancellationToken cancellationToken,
        string? federation = null, string? run = null, long after = 0)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var summary = await selector.Federation(name).GetSummaryAsync(cancellationToken);
        var id = run ?? summary.ActiveRun ?? summary.Runs.LastOrDefault() ?? throw ProblemException.NotFound(
            "No run", $"Federation '{name}' has no run yet. Start one with POST ~/api/v1/runs.");
        return await OfRunAsync(id, request, selector, options, cancellationToken, name, after);
    }

    private static async Task<IResult> OfRunAsync(
        string id, HttpRequest request, FederationSelector selector, IOptions<FedRecWebOptions> options,
        CancellationToken cancellationToken, string? federation = null, long after = 0)
    {
        var lastSeen = LastEventId(request) ?? after;
        Check.AtLeast(lastSeen, 0, nameof(after));
        var (run, _) = await selector.FindRunAsync(federation, id, cancellationToken);
        return new RunEventStream(run, lastSeen, options.Value.Heartbeat);
    }

    // A browser repeats the address with its old query when it reconnects, and says in the header how far it came.
    private static long? LastEventId(HttpRequest request)
    {
        var text = request.Headers["Last-Event-ID"].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
            : throw ProblemException.BadRequest($"The header Last-Event-ID is '{text}'; it must be the number of an event.");
    }
}
