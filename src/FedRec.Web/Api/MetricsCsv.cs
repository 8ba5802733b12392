using System.Globalization;
using System.Text;

namespace FedRec.Web.Api;

/// <summary>The curves of a run as comma-separated values: one line per round, then one per baseline with round 0.</summary>
internal static class MetricsCsv
{
    private static readonly string[] s_roundColumns =
    [
        "name", "round", "phase", "asked", "participants", "dropped", "late", "rejected", "loss",
        "largestShare", "bytesUp", "bytesDown", "milliseconds", "stepNorm", "version", "clippedShare",
    ];

    public static string Write(MetricsView metrics)
    {
        var columns = metrics.Evaluations.SelectMany(Named).Select(m => m.Name).Distinct().Order(StringComparer.Ordinal).ToArray();
        var evaluations = metrics.Evaluations.ToLookup(e => (e.Name, e.Round));
        var text = new StringBuilder();
        AppendLine(text, [.. s_roundColumns, .. columns]);
        foreach (var round in metrics.Rounds)
        {
            AppendLine(text, [.. Fields(metrics.Learner, round), .. Values(columns, evaluations[(metrics.Learner, round.Round)])]);
        }

        foreach (var baseline in evaluations.Where(e => e.Key.Name != metrics.Learner))
        {
            string?[] fields = [baseline.Key.Name, Text(baseline.Key.Round), .. new string?[s_roundColumns.Length - 2]];
            AppendLine(text, [.. fields, .. Values(columns, baseline)]);
        }

        return text.ToString();
    }

    private static string?[] Fields(string name, RoundView r) =>
    [
        name, Text(r.Round), r.Phase, Text(r.Asked), Text(r.Participants), Text(r.Dropped), Text(r.Late), Text(r.Rejected), Text(r.Loss),
        Text(r.LargestShare), Text(r.BytesUp), Text(r.BytesDown), Text(r.Milliseconds), Text(r.StepNorm), Text(r.Version), Text(r.ClippedShare),
    ];

    private static IEnumerable<string?> Values(string[] columns, IEnumerable<EvaluationView> evaluations)
    {
        var values = evaluations.SelectMany(Named).ToLookup(m => m.Name, m => m.Value);
        return columns.Select(column => Text(values[column].LastOrDefault()));
    }

    // Both splits can be measured after the same round.
    private static IEnumerable<(string Name, double? Value)> Named(EvaluationView evaluation) =>
        evaluation.Metrics.Select(m => (evaluation.OnValidation ? $"validation/{m.Key}" : m.Key, m.Value));

    private static string? Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);

    private static void AppendLine(StringBuilder text, IEnumerable<string?> fields) =>
        text.AppendJoin(',', fields.Select(Quote)).Append("\r\n"); // RFC 4180

    private static string Quote(string? field) => field switch
    {
        null => "",
        _ when field.AsSpan().IndexOfAny(",\"\r\n") >= 0 => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        _ => field,
    };
}
