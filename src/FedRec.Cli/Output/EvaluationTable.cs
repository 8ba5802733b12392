using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Output;

/// <summary>Several models under one protocol, a row each.</summary>
internal static class EvaluationTable
{
    private static readonly string[] s_further = ["map", "auc", "novelty", "diversity", "popbias"]; // where there is room

    public static ResultTable Of(string title, string protocol, IReadOnlyList<EvaluationRecord> records)
    {
        var metrics = Metrics(records.SelectMany(r => r.Metrics.Keys));
        var table = Empty(title, metrics);
        foreach (var record in records)
        {
            table.Add([record.Name, .. metrics.Select(m => record.Metrics.TryGetValue(m, out var value) ? Text.Fixed(value) : "")]);
        }

        if (protocol.Length > 0)
        {
            table.Notes.Add($"Protocol: {protocol}");
        }

        if (records.All(record => record.Users == records[0].Users))
        {
            table.Notes.Add(Evaluated(records[0].Users));
        }
        else
        {
            // Who recorded changes is left out of a model that may have trained on them.
            table.Notes.Add($"Rows over different users, not to be compared with each other: {string.Join("; ", records.Select(record => $"{record.Name} over {Text.Count(record.Users)} users"))}.");
        }

        if (Distribution(records[0]) is { } distribution)
        {
            table.Notes.Add(distribution);
        }

        foreach (var note in GroupTable.Notes(records[0].Quantiles, metric => records[0].Metrics[metric]))
        {
            table.Notes.Add(note);
        }

        if (metrics.Any(IsSampled))
        {
            table.Notes.Add("sampled99: ranked among 99 sampled items (He et al. 2017), which need not order models as the full ranking does.");
        }

        return table;
    }

    /// <summary>The metrics of a table in order; the usual two where nothing was measured, so that its cells are empty and not missing.</summary>
    public static IReadOnlyList<string> Metrics(IEnumerable<string> measured) =>
        measured.Distinct().Order(MetricOrder.Instance).ToList() is { Count: > 0 } some ? some : ["hr@10", "ndcg@10"];

    /// <summary>Over whom the numbers are.</summary>
    public static string Evaluated(long users) => users == 0
        ? "Nobody to evaluate: no user has a held-out interaction, so nothing was measured. It takes users with 2 interactions or more, or test rows of users who have training rows; with a cut in time, users on both sides of it."
        : $"Evaluated on {Text.Count(users)} {(users == 1 ? "user" : "users")} with held-out interactions";

    /// <summary>Headings of a table with a row for each model: HR and NDCG at every K, the others at one K, as many as fit; and all of them as CSV.</summary>
    public static ResultTable Empty(string title, IReadOnlyList<string> metrics)
    {
        var table = new ResultTable(title, ["model", .. metrics.Select(m => ">" + Heading(m))]);
        var main = MainCutoff(metrics);
        for (var i = 0; i < metrics.Count; i++)
        {
            var (name, mainOrNone) = (metrics[i].Split('@')[0], !metrics[i].Contains('@', StringComparison.Ordinal) || metrics[i].EndsWith(main, StringComparison.Ordinal));
            if (mainOrNone ? s_further.Contains(name) : name is "hr" or "ndcg" && !IsSampled(metrics[i]))
            {
                table.Secondary.Add(i + 1);
            }
            else if (!mainOrNone && !IsSampled(metrics[i]))
            {
                table.Details.Add(i + 1);
            }
        }

        return table;
    }

    /// <summary>A metric as people write it: <c>hr@10</c> becomes HR@10.</summary>
    public static string Heading(string metric) => metric.Split('@') switch
    {
        [("auc" or "rmse" or "mae") and var name] => name.ToUpperInvariant(),
        [("hr" or "ndcg" or "mrr" or "map") and var name, var k] => $"{name.ToUpperInvariant()}@{k}",
        [{ Length: > 0 } name, var k] => $"{char.ToUpperInvariant(name[0])}{name[1..]}@{k}",
        _ => metric,
    };

    /// <summary>How NDCG is spread over the users: p10, p50, p90; null when it was not measured.</summary>
    private static string? Distribution(EvaluationRecord record)
    {
        var main = "ndcg" + MainCutoff(record.Metrics.Keys);
        var quantiles = record.Quantiles.Where(q => q.Key.StartsWith(main + "/p", StringComparison.Ordinal)).OrderBy(q => q.Key, StringComparer.Ordinal).ToList();
        return quantiles.Count == 0 ? null : $"{Heading(main)} over users: {string.Join(", ", quantiles.Select(q => $"{q.Key.Split('/')[1]} {Text.Fixed(q.Value)}"))}";
    }

    private static bool IsSampled(string metric) => metric.Contains("/sampled", StringComparison.Ordinal);

    /// <summary>The K that is shown of metrics that are not shown at every K, such as <c>@10</c>.</summary>
    public static string MainCutoff(IEnumerable<string> metrics)
    {
        var cutoffs = metrics.Where(m => m.StartsWith("ndcg@", StringComparison.Ordinal) && !IsSampled(m)).Select(m => m[4..]).ToList();
        return cutoffs.Contains("@10") ? "@10" : cutoffs.LastOrDefault() ?? "@";
    }
}

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
