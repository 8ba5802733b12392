using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Simulation;

/// <summary>The clients' own models beside the shared one, of the last seed.</summary>
/// <param name="Method">How clients made them.</param>
/// <param name="Shared">The shared model, over the seeds.</param>
/// <param name="Own">Groups of the clients' own models.</param>
/// <param name="Before">The shared model of the last seed.</param>
/// <param name="Gain">Own against shared on the same users, of the last seed.</param>
internal sealed record PersonalReport(
    string Method, IReadOnlyDictionary<string, Spread> Shared, EvaluationRecord Own, EvaluationRecord Before, ComparisonRecord Gain)
{
    /// <summary>Null when the runs were not personalised.</summary>
    public static PersonalReport? Of(IReadOnlyList<RunResult> results) => results[^1] is { Personal: { } personal } last
        ? new PersonalReport(
            last.Status.Request.Personalization!.Method, Spread.Of([.. results.Select(r => r.Personal!.Value.Shared.Metrics)]), last.Test, personal.Shared, personal.Gain)
        : null;
}
