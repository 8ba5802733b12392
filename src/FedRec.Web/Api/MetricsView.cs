using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>The curves of a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Learner">Its learner; evaluations of another name are baselines.</param>
/// <param name="Rounds">Closed rounds, oldest first.</param>
/// <param name="Evaluations">Evaluations, oldest first.</param>
public sealed record MetricsView(
    string Run,
    string Learner,
    IReadOnlyList<RoundView> Rounds,
    IReadOnlyList<EvaluationView> Evaluations)
{
    internal static MetricsView From(RunStatus status) => new(
        status.RunId, status.Request.Learner, [.. status.Rounds.Select(RoundView.From)], [.. status.Evaluations.Select(EvaluationView.From)]);
}
