using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Output;

/// <summary>Two models on the same users: a row for each metric, and what it means in words.</summary>
internal static class ComparisonTable
{
    public static ResultTable Of(ComparisonRecord record)
    {
        var table = new ResultTable(
            $"{record.First} against {record.Second}: paired bootstrap over {Text.Count(record.Users)} users, {Text.Count(record.Replicates)} resamples",
            "metric", $">{record.First}", $">{record.Second}", ">difference", ">95 % from", ">to", "excludes zero");
        foreach (var line in record.Differences)
        {
            table.Add(
                EvaluationTable.Heading(line.Metric), Text.Fixed(line.First), Text.Fixed(line.Second),
                Text.Fixed(line.Difference), Text.Fixed(line.Low), Text.Fixed(line.High), line.ExcludesZero ? "yes" : "no");
        }

        if (record.Users == 0)
        {
            table.Notes.Add("Nobody to compare: no user has a held-out interaction.");
        }

        var main = EvaluationTable.MainCutoff(record.Differences.Select(d => d.Metric));
        foreach (var line in record.Differences.Where(d => d.Metric.EndsWith(main, StringComparison.Ordinal)))
        {
            table.Notes.Add($"{EvaluationTable.Heading(line.Metric)}: {Verdict(record, line)}.");
        }

        return table;
    }

    private static string Verdict(ComparisonRecord record, MetricDifference line)
    {
        var interval = $"{Text.Fixed(line.Low)} to {Text.Fixed(line.High)}";
        return line.ExcludesZero
            ? $"{record.First} is {(line.Difference > 0 ? "better" : "worse")} than {record.Second}; the 95 % interval of the difference, {interval}, excludes zero"
            : $"no difference shown; the 95 % interval, {interval}, does not exclude zero";
    }
}
