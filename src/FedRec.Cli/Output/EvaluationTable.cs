using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Output;

/// <summary>Several models under one protocol, a row each.</summary>
internal static class EvaluationTable
{
    public static ResultTable Of(string title, string protocol, IReadOnlyList<EvaluationRecord> records)
    {
        var metrics = records.SelectMany(r => r.Metrics.Keys).Distinct().Order(MetricOrder.Instance).ToList();
        var table = new ResultTable(title, ["model", .. metrics.Select(m => ">" + SimulationTables.Heading(m))]);
        foreach (var record in records)
        {
            table.Add([record.Name, .. metrics.Select(m => record.Metrics.TryGetValue(m, out var value) ? Text.Fixed(value) : "")]);
        }

        if (protocol.Length > 0)
        {
            table.Notes.Add($"Protocol: {protocol}");
        }

        foreach (var quantiles in Distribution(records[0]))
        {
            table.Notes.Add(quantiles);
        }

        return table;
    }

    /// <summary>How a metric is spread over the users: p10, p50, p90.</summary>
    public static IEnumerable<string> Distribution(EvaluationRecord record) => record.Quantiles
        .GroupBy(q => q.Key.Split('/')[0])
        .OrderBy(g => g.Key, MetricOrder.Instance)
        .Select(g => $"Over users, {SimulationTables.Heading(g.Key)}: {string.Join(", ", g.OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => $"{q.Key.Split('/')[^1]} {Text.Fixed(q.Value)}"))}");
}
