using FedRec.Cli.Simulation;
using FedRec.Hosting.Configuration;

namespace FedRec.Cli.Sweeps;

/// <summary>The answer of a sweep: its trials, best first.</summary>
internal sealed record SweepReport
{
    /// <summary>The validation metric that ranks; higher is better.</summary>
    public required string Metric { get; init; }

    /// <summary>Best first; failed ones last.</summary>
    public required IReadOnlyList<RankedTrial> Trials { get; init; }

    /// <summary>The winner's quality on test interactions, which no choice was made by; null when every trial failed.</summary>
    public required IReadOnlyDictionary<string, Spread>? WinnerOnTest { get; init; }

    /// <summary>Where everything is.</summary>
    public required string SweepFolder { get; init; }

    /// <exception cref="CliException">The metric was not measured.</exception>
    public static SweepReport Of(IReadOnlyList<TrialResult> results, string metric, string folder)
    {
        var known = results.Where(result => result.Failure is null).SelectMany(result => result.Validation.Keys).Distinct().Order(MetricOrder.Instance).ToList();
        if (known.Count > 0 && !known.Contains(metric))
        {
            throw new CliException(ExitCode.Usage, $"The metric '{metric}' is not measured on validation. {Suggestion.Sentence(metric, known)}", "Correct the sweep file and run it again; finished trials are kept.");
        }

        var ranked = results.OrderBy(result => result.Failure is not null).ThenByDescending(result => result.Failure is null ? result.Validation[metric].Mean : 0).ToList();
        return new SweepReport
        {
            Metric = metric,
            Trials = [.. ranked.Select((result, i) => RankedTrial.Of(i + 1, result))],
            WinnerOnTest = ranked[0].Failure is null ? ranked[0].Test : null,
            SweepFolder = folder,
        };
    }
}

/// <summary>A trial in the order of the metric; without test metrics, by which nothing is chosen.</summary>
internal sealed record RankedTrial(
    int Rank, string Id, IReadOnlyDictionary<string, string> Options, string? Failure, int Seeds, double Rounds, double TrainSeconds, string Stop, IReadOnlyDictionary<string, Spread> Validation)
{
    public static RankedTrial Of(int rank, TrialResult result) => new(
        rank, result.Id, result.Options, result.Failure, result.Runs.Count, result.Runs.Select(run => (double)run.Rounds).DefaultIfEmpty().Average(), result.Runs.Sum(run => run.TrainSeconds),
        result.Failure is not null ? "failed" : string.Join('|', result.Runs.Select(run => run.StopReason.ToString().ToLowerInvariant()).Distinct()), result.Validation);
}
