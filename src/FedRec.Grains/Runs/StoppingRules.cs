using System.Globalization;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Grains.Models;

namespace FedRec.Grains.Runs;

/// <summary>How a run ended.</summary>
internal sealed record RunEnding(RunPhase Phase, RunStopReason Reason, string Text);

/// <summary>Decides from what a run has measured whether it has trained enough.</summary>
/// <remarks>Knows nothing that is not in the run's stored status: told the same rounds and evaluations again after a crash, it decides the same.</remarks>
internal sealed class StoppingRules(RunRequest request)
{
    private readonly StoppingTarget? _target = request.TargetMetric is { } metric ? new StoppingTarget(metric, request.TargetValue) : null;
    private EarlyStopping _plateau = new(request.Patience);
    private RunEnding? _reached;

    /// <summary>The ending that has come about; null while training goes on. The target goes before the plateau, and both before the last round.</summary>
    /// <param name="round">The round done last.</param>
    public RunEnding? EndingAfter(int round)
    {
        if (_reached is not null)
        {
            return _reached;
        }

        if (_plateau.ShouldStop)
        {
            return Plateau();
        }

        return round < request.Rounds.Count
            ? null
            : new RunEnding(RunPhase.Completed, RunStopReason.Rounds, request.Rounds.Count == 1 ? "the only round is done" : $"all {request.Rounds.Count} rounds done");
    }

    /// <summary>Takes in what the run had measured before a crash.</summary>
    public void Recall(RunStatus status)
    {
        foreach (var evaluation in status.Evaluations)
        {
            Observe(evaluation);
        }

        foreach (var round in status.Rounds)
        {
            Observe(round);
        }
    }

    /// <summary>Takes in an evaluation; one on test interactions, or of nobody, decides nothing.</summary>
    public void Observe(EvaluationRecord evaluation)
    {
        if (!evaluation.OnValidation || evaluation.Users == 0)
        {
            return;
        }

        if (evaluation.Metrics.TryGetValue(Promotion.Metric, out var quality))
        {
            _plateau = _plateau.Observe(evaluation.Round, quality);
        }

        if (_target is { IsLoss: false } target && evaluation.Metrics.TryGetValue(target.Metric, out var value))
        {
            Reach(target, value, $"validation {target.Metric}", "of at least", evaluation.Round);
        }
    }

    /// <summary>Takes in a closed round.</summary>
    public void Observe(RoundRecord round)
    {
        if (_target is { IsLoss: true } target && round.Loss is { } loss)
        {
            Reach(target, loss, "training loss", "of at most", round.Round);
        }
    }

    private void Reach(StoppingTarget target, double value, string what, string bound, int round)
    {
        if (target.IsReachedBy(value))
        {
            _reached ??= new RunEnding(RunPhase.Completed, RunStopReason.Target,
                string.Create(CultureInfo.InvariantCulture, $"{what} {value:F4} in round {round} reaches the target {bound} {target.Value}"));
        }
    }

    private RunEnding Plateau() => new(RunPhase.Completed, RunStopReason.Plateau,
        string.Create(CultureInfo.InvariantCulture, $"validation NDCG@10 has not risen since round {_plateau.BestRound} ({_plateau.Best:F4})"));
}
