using System.Collections.Immutable;
using System.Globalization;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Federation;

namespace FedRec.Grains.Requests;

/// <summary>What runs are measured by, and so what can end them.</summary>
internal static class RunTargets
{
    /// <summary>The cutoffs K of a run's own evaluations.</summary>
    public static ImmutableArray<int> Cutoffs { get; } = [1, 5, 10, 20, 50];

    /// <summary>The metrics that can be a target.</summary>
    private static IEnumerable<string> Metrics => RankingMetrics.All.SelectMany(metric => Cutoffs.Select(k => $"{metric.Name}@{k}"));

    /// <summary>Checks the target of a request.</summary>
    /// <exception cref="ArgumentException">It can never be reached or must not be looked at; the message says what is allowed.</exception>
    public static void Check(BoundRun run)
    {
        var request = run.Request;
        if (request.TargetMetric is not { } metric)
        {
            return;
        }

        if (metric != StoppingTarget.Loss && !Metrics.Contains(metric))
        {
            throw new ArgumentException($"target is '{metric}'; it must be {StoppingTarget.Loss} or one of {string.Join(", ", Metrics)}.");
        }

        if (!double.IsFinite(request.TargetValue) || (metric != StoppingTarget.Loss && request.TargetValue is < 0 or > 1))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"target value is {request.TargetValue}; it must be finite, and from 0 to 1 for a metric."));
        }

        if (metric != StoppingTarget.Loss && !(run.Source.HoldOutValidation && request.EvaluateEvery > 0))
        {
            throw new ArgumentException($"target {metric} needs validation interactions that are held out, and evaluate-every above 0: test interactions must not end a run.");
        }
    }
}
