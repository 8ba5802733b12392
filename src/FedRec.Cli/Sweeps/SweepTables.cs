using FedRec.Cli.Output;
using FedRec.Cli.Simulation;

namespace FedRec.Cli.Sweeps;

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
