using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>Something that happened in a run.</summary>
/// <param name="Id">Number within the run, from 1; the id of the server-sent event.</param>
/// <param name="Kind">run.loading, run.started, run.working, round.started, round.progress, round.done, eval, model or run.done.</param>
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
