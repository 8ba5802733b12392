using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Output;

/// <summary>Several models under one protocol, a row each.</summary>
internal static class EvaluationTable
{
    public static ResultTable Of(string title, string protocol, IReadOnlyList<EvaluationRecord> records)
    {
        var metrics = records.SelectMany(r => r.Metrics.Keys).Distinct().Order(MetricOrder.Instance).ToList();
        var table = Empty(title, metrics);
        foreach (var record in records)
        {
            table.Add([record.Name, .. metrics.Select(m => record.Metrics.TryGetValue(m, out var value) ? Text.Fixed(value) : "")]);
        }

        if (protocol.Length > 0)
        {
            table.Notes.Add($"Protocol: {protocol}");
        }

        if (Distribution(records[0]) is { } distribution)
        {
            table.Notes.Add(distribution);
        }

        return table;
    }

    /// <summary>Headings of a table with a row for each model: HR and NDCG at every K, the others at one K, and all of them as CSV.</summary>
    public static ResultTable Empty(string title, IReadOnlyList<string> metrics)
    {
        var table = new ResultTable(title, ["model", .. metrics.Select(m => ">" + Heading(m))]);
        var main = MainCutoff(metrics);
        for (var i = 0; i < metrics.Count; i++)
        {
            if (!metrics[i].EndsWith(main, StringComparison.Ordinal))
            {
                var hidden = metrics[i].Split('@')[0] is "hr" or "ndcg" ? table.Secondary : table.Details;
                hidden.Add(i + 1);
            }
        }

        return table;
    }

    /// <summary>A metric as people write it: <c>hr@10</c> becomes HR@10.</summary>
    public static string Heading(string metric) => metric.Split('@') switch
    {
        [("hr" or "ndcg" or "mrr") and var name, var k] => $"{name.ToUpperInvariant()}@{k}",
        [{ Length: > 0 } name, var k] => $"{char.ToUpperInvariant(name[0])}{name[1..]}@{k}",
        _ => metric,
    };

    /// <summary>How NDCG is spread over the users: p10, p50, p90; null when it was not measured.</summary>
    private static string? Distribution(EvaluationRecord record)
    {
        var main = "ndcg" + MainCutoff(record.Metrics.Keys);
        var quantiles = record.Quantiles.Where(q => q.Key.StartsWith(main + "/", StringComparison.Ordinal)).OrderBy(q => q.Key, StringComparer.Ordinal).ToList();
        return quantiles.Count == 0 ? null : $"{Heading(main)} over users: {string.Join(", ", quantiles.Select(q => $"{q.Key.Split('/')[1]} {Text.Fixed(q.Value)}"))}";
    }

    private static string MainCutoff(IEnumerable<string> metrics)
    {
        var cutoffs = metrics.Where(m => m.StartsWith("ndcg@", StringComparison.Ordinal)).Select(m => m[4..]).ToList();
        return cutoffs.Contains("@10") ? "@10" : cutoffs.LastOrDefault() ?? "@";
    }
}
