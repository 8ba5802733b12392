using System.Globalization;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

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
