using System.Globalization;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Output;

/// <summary>Whom personalisation serves: users by activity, with the shared model and with their clients' own.</summary>
internal static class PersonalTable
{
    public static ResultTable Of(PersonalReport report)
    {
        var groups = report.Own.Groups.Where(IsActivity).ToList();
        var k = (groups.Count > 0 ? groups[0].Cutoff : 10).ToString(CultureInfo.InvariantCulture);
        var table = new ResultTable(
            $"{report.Own.Name} by activity of users: shared, and personalised by {report.Method}",
            "interactions", ">users", $">HR@{k} shared", $">HR@{k} own", $">NDCG@{k} shared", $">NDCG@{k} own", ">difference");
        foreach (var own in groups)
        {
            var shared = report.Before.Groups.First(g => IsActivity(g) && g.From == own.From);
            table.Add(
                GroupTable.Interactions(own), Text.Count(own.Count),
                Text.Fixed(shared.HitRate), Text.Fixed(own.HitRate), Text.Fixed(shared.Ndcg), Text.Fixed(own.Ndcg), Text.Fixed(own.Ndcg - shared.Ndcg));
        }

        AddNotes(table, report);
        return table;
    }

    private static bool IsActivity(EvaluationGroup group) => group.Kind == "activity";

    private static void AddNotes(ResultTable table, PersonalReport report)
    {
        foreach (var (name, own) in report.Own.Quantiles.Where(q => q.Key.EndsWith("/worst-decile", StringComparison.Ordinal) && report.Before.Quantiles.ContainsKey(q.Key)))
        {
            table.Notes.Add($"Worst decile by activity, {EvaluationTable.Heading(name.Split('/')[0])}: shared {Text.Fixed(report.Before.Quantiles[name])}, own {Text.Fixed(own)}");
        }

        foreach (var line in report.Gain.Differences.Where(d => d.Metric is "hr@10" or "ndcg@10"))
        {
            table.Notes.Add(
                $"{EvaluationTable.Heading(line.Metric)}: own minus shared {Text.Fixed(line.Difference)}, 95 % interval {Text.Fixed(line.Low)} to {Text.Fixed(line.High)} "
                + (line.ExcludesZero ? "(excludes zero)" : "(no difference shown)"));
        }
    }
}
