using System.Globalization;
using System.Text;
using FedRec.Cli.Output;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;

namespace FedRec.Cli.Simulation;

/// <summary>Writes what each round did and how good the model was, one JSON object per line, and the rounds as CSV.</summary>
internal static class MetricsLog
{
    private static readonly string[] s_columns =
        ["seed", "round", "phase", "asked", "participants", "dropped", "late", "rejected", "loss", "largestShare", "stepNorm", "bytesUp", "bytesDown", "milliseconds", "version"];

    public static void Write(RunFolder folder, string prefix, IReadOnlyList<RunResult> results)
    {
        var lines = results.SelectMany(result => Lines(result, result.Status.Request.Seed));
        File.WriteAllText(folder.File([.. Parts(prefix), "metrics.jsonl"]), string.Concat(lines.Select(l => l + "\n")), new UTF8Encoding(false));
        using var csv = new StreamWriter(folder.File([.. Parts(prefix), "metrics.csv"]), append: false, new UTF8Encoding(false));
        CsvText.WriteRow(csv, s_columns);
        foreach (var (seed, round) in results.SelectMany(r => r.Status.Rounds.Select(round => (r.Status.Request.Seed, round))))
        {
            CsvText.WriteRow(csv, Cells(seed, round));
        }
    }

    private static IEnumerable<string> Lines(RunResult result, ulong seed)
    {
        var evaluations = result.Status.Evaluations.ToLookup(e => e.Round);
        foreach (var round in result.Status.Rounds)
        {
            yield return Line(seed, round);
            foreach (var evaluation in evaluations[round.Round])
            {
                yield return Line("eval", seed, evaluation.Round, evaluation);
            }
        }

        yield return Line("test", seed, result.Status.RoundsDone, result.Test);
    }

    private static string Line(ulong seed, RoundRecord r) => Json.Line(new
    {
        Kind = "round",
        seed,
        r.Round,
        r.Phase,
        r.Reason,
        r.Asked,
        r.Participants,
        r.Dropped,
        r.Late,
        r.Rejected,
        r.Loss,
        r.LargestShare,
        r.StepNorm,
        r.BytesUp,
        r.BytesDown,
        r.Milliseconds,
        r.Version,
    });

    private static string Line(string kind, ulong seed, int round, EvaluationRecord e) =>
        Json.Line(new { kind, seed, round, e.OnValidation, e.Users, e.Metrics, e.Quantiles, e.Groups, e.Seconds });

    private static IEnumerable<string> Cells(ulong seed, RoundRecord r) => new object?[]
    {
        seed, r.Round, r.Phase, r.Asked, r.Participants, r.Dropped, r.Late, r.Rejected, r.Loss, r.LargestShare, r.StepNorm, r.BytesUp, r.BytesDown, r.Milliseconds, r.Version,
    }.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");

    private static string[] Parts(string prefix) => prefix.Length == 0 ? [] : [prefix];
}
