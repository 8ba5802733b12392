using FedRec.Cli.Commands;
using FedRec.Cli.Output;

namespace FedRec.Cli.Demo;

/// <summary>Shows the demonstration's answer to people.</summary>
internal static class DemoTables
{
    public static ResultTable Of(DemoReport report)
    {
        var table = EvaluationTable.Of(Title(report), report.Protocol, report.Evaluations);
        table.Notes.Add($"Model: version {report.Model.Version} after {report.Rounds} {(report.Rounds == 1 ? "round" : "rounds")}, trained in {Text.Seconds(report.TrainSeconds)}, SHA-256 {report.Model.Sha256}");
        foreach (var comparison in report.Comparisons)
        {
            table.Notes.Add(DemoComparisons.Sentence(comparison));
        }

        table.Notes.Add("");
        foreach (var recommendation in report.Recommendations)
        {
            table.Notes.Add(recommendation.Why);
        }

        if (report.Banner is not null)
        {
            table.Notes.Add(report.Banner);
        }

        if (report.AuditFile is not null)
        {
            table.Notes.Add($"Audit: a line for each of these, and for whatever else is recommended, in {report.AuditFile}");
        }

        if (report.Urls.Count > 0)
        {
            table.Notes.Add("");
        }

        foreach (var (name, url) in report.Urls)
        {
            table.Notes.Add($"  {name,-8} {url}");
        }

        return table;
    }

    private static string Title(DemoReport report)
    {
        var data = report.Data;
        var parties = report.Scenario == CommonOptions.PlainScenario ? "each user is a client" : $"{Text.Count(data.Clients)} parties";
        return $"{(data.Name == "synthetic" ? "Built-in data" : data.Name)}: {Text.Count(data.Users)} users, {Text.Count(data.Items)} items, {Text.Count(data.Interactions)} interactions; {parties}";
    }
}
