using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Core.Data;

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
            throw new CliException(ExitCode.Usage, $"The metric '{metric}' is not measured on validation. {NearestName.Sentence(metric, known)}", "Correct the sweep file and run it again; finished trials are kept.");
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

/// <summary>A sweep as one table: a row for each trial, a column for each option and each validation metric.</summary>
internal static class SweepTables
{
    public static ResultTable Ranking(SweepReport report)
    {
        var options = report.Trials.SelectMany(trial => trial.Options.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var metrics = report.Trials.SelectMany(trial => trial.Validation.Keys).Distinct().Order(MetricOrder.Instance).ToList();
        var shown = metrics.Where(metric => metric == report.Metric || metric is "hr@10" or "ndcg@10").ToList();
        var table = new ResultTable(
            $"{report.Trials.Count} trials by {report.Metric} on validation interactions, best first",
            [">rank", .. options, .. metrics.SelectMany(metric => new[] { $">{metric}", $">{metric} sd" }), ">seeds", ">rounds", ">seconds", "stop", "trial", "failure"]);
        Hide(table, 1 + options.Count, metrics, shown);
        table.Details.Add(table.Columns.Length - 1); // a sentence has no place in a narrow column: it is a note
        foreach (var trial in report.Trials)
        {
            table.Add(
            [
                $"{trial.Rank}", .. options.Select(name => trial.Options.GetValueOrDefault(name, "")), .. metrics.SelectMany(metric => Cells(trial, metric)), $"{trial.Seeds}",
                Text.Fixed(trial.Rounds, 1), Text.Fixed(trial.TrainSeconds, 2), trial.Stop, trial.Id, trial.Failure ?? "",
            ]);
        }

        foreach (var failed in report.Trials.Where(trial => trial.Failure is not null))
        {
            table.Notes.Add($"Trial {failed.Id} failed: {failed.Failure}");
        }

        AddNotes(table, report);
        return table;
    }

    private static void Hide(ResultTable table, int first, List<string> metrics, List<string> shown)
    {
        for (var i = 0; i < metrics.Count; i++)
        {
            if (!shown.Contains(metrics[i]))
            {
                table.Details.Add(first + (2 * i));
                table.Details.Add(first + (2 * i) + 1);
            }
        }
    }

    private static string[] Cells(RankedTrial trial, string metric) =>
        trial.Validation.TryGetValue(metric, out var spread) ? [Text.Fixed(spread.Mean, 6), Text.Fixed(spread.Sd, 6)] : ["", ""];

    private static void AddNotes(ResultTable table, SweepReport report)
    {
        if (report.WinnerOnTest is { } test)
        {
            var metrics = test.Where(metric => metric.Key == report.Metric || metric.Key is "hr@10" or "ndcg@10");
            table.Notes.Add($"Winner on test interactions, looked at once the choice was made: {string.Join(", ", metrics.Select(m => $"{m.Key} {Text.MeanAndSpread(m.Value.Mean, m.Value.Sd, report.Trials[0].Seeds)}"))}");
            table.Notes.Add($"To train it on everything but the test interactions: the same line without --sweep, with {string.Join(' ', report.Trials[0].Options.Select(option => $"--{option.Key} {option.Value}"))}");
        }

        table.Notes.Add($"Sweep folder: {report.SweepFolder}");
    }
}
