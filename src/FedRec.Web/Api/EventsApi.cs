using System.Globalization;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Web.Access;
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
        Describe(api.MapGet("/events", OfLatestRunAsync).ForViewers(), "streamEvents", "Events of a run, by default the active or newest one.");
        Describe(api.MapGet("/runs/{id}/events", OfRunAsync).ForViewers(), "streamRunEvents", "Events of a run.");
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

/// <summary>Something that happened in a run.</summary>
/// <param name="Id">Number within the run, from 1; the id of the server-sent event.</param>
/// <param name="Kind">run.loading, run.started, run.working, round.started, round.progress, round.done, party.refused, eval, model or run.done.</param>
/// <param name="At">When it happened.</param>
/// <param name="Round">Round it belongs to; 0 for none.</param>
/// <param name="Text">What happened, for people.</param>
/// <param name="Record">The round, with the kinds of a round.</param>
/// <param name="Evaluation">The evaluation, with eval.</param>
/// <param name="Version">The version, with model.</param>
public sealed record EventView(
    long Id,
    string Kind,
    DateTimeOffset At,
    int Round,
    string Text,
    RoundView? Record,
    EvaluationView? Evaluation,
    long? Version)
{
    internal static EventView From(RunEvent e) => new(
        e.Id, e.Kind, e.At, e.Round, EventWords.For(e),
        e.Record is null ? null : RoundView.From(e.Record),
        e.Evaluation is null ? null : EvaluationView.From(e.Evaluation),
        e.Kind == "model" ? e.Version : null);
}

/// <summary>Says in words what happened, for the event log and for people who read the stream.</summary>
internal static class EventWords
{
    public static string For(RunEvent e) => e switch
    {
        { Kind: "round.started", Record: { Asked: > 0 } r } => Say($"Round {e.Round} started: {r.Asked:N0} clients asked."),
        { Kind: "round.started" } => Say($"Round {e.Round} started."),
        { Kind: "round.progress", Record: { } r } => Say($"Round {e.Round}: {r.Participants:N0} of {r.Asked:N0} updates are in."),
        { Kind: "round.done", Record: { } r } => Done(r),
        { Kind: "eval", Evaluation: { } evaluation } => Evaluated(evaluation),
        { Kind: "model" } => Sentence(Say($"Model version {e.Version} published"), e.Text),
        { Kind: "run.working", Text: [var first, .. var rest] } => $"{char.ToUpperInvariant(first)}{rest}.",
        { Kind: "party.refused" } => Say($"Round {e.Round}: {e.Text}"),
        { Kind: "run.started" } => Sentence("Run started", e.Text),
        { Kind: "run.done" } => Sentence("Run ended", e.Text),
        _ => e.Text ?? e.Kind,
    };

    private static string Done(RoundRecord r)
    {
        if (r.Phase == "Abandoned")
        {
            return Say($"Round {r.Round} abandoned: {r.Reason ?? "no reason given"}.");
        }

        var missing = r.Dropped + r.Late + r.Rejected;
        var loss = r.Loss is { } value ? Say($", loss {value:0.0000}") : "";
        return Say($"Round {r.Round} done: {r.Participants:N0} of {r.Asked:N0} took part{loss}, {r.Milliseconds:N0} ms") +
            (missing > 0 ? Say($" ({r.Dropped:N0} dropped, {r.Late:N0} late, {r.Rejected:N0} rejected).") : ".");
    }

    private static string Evaluated(EvaluationRecord e)
    {
        var metrics = e.Metrics.Where(m => m.Key is "hr@10" or "ndcg@10").Select(m => Say($"{m.Key.ToUpperInvariant()} {m.Value:0.0000}"));
        var when = e.Round > 0 ? Say($" after round {e.Round}") : "";
        return Say($"{e.Name}{when}: {string.Join(", ", metrics)} over {e.Users:N0} users{(e.OnValidation ? ", validation" : "")}.");
    }

    private static string Sentence(string what, string? detail) =>
        string.IsNullOrWhiteSpace(detail) ? $"{what}." : $"{what}: {detail.TrimEnd('.')}.";

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
