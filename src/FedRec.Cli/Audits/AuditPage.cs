using System.Globalization;
using System.Net;
using System.Text;
using FedRec.Cli.Output;

namespace FedRec.Cli.Audits;

/// <summary>An audit as one HTML file that needs nothing beside itself: no script, no font, no address.</summary>
internal static class AuditPage
{
    /// <summary>Name of the page in its folder.</summary>
    public const string FileName = "audit.html";

    private const string Style = """
        body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .3rem .7rem; border-bottom: 1px solid #c8ccd0; text-align: left; vertical-align: top; } .number { text-align: right; font-variant-numeric: tabular-nums; }
        figure { margin: 1rem 0; display: inline-block; vertical-align: top; } figcaption, p.note { color: #444c56; max-width: 45rem; } svg text { font: 12px system-ui, sans-serif; fill: #1b1f24; }
        """;

    /// <summary>The page of a report.</summary>
    public static string Of(AuditReport report)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"/><title>Privacy audit</title><style>").Append(Style).Append("</style></head>\n<body>\n<h1>Privacy audit of ")
            .Append(Words($"{report.Subject.Data}, {report.Subject.Learner}")).Append("</h1>\n<p>").Append(Words(About(report.Subject))).Append("</p>\n");
        foreach (var (table, pictures) in AuditTables.Sections(report))
        {
            AppendTable(page, table);
            page.AppendJoin('\n', pictures);
        }

        return page.Append("</body>\n</html>").ToString();
    }

    private static string About(AuditSubject subject) => string.Create(CultureInfo.InvariantCulture,
        $"{subject.Users:N0} users looked for, {subject.Items:N0} items; {subject.Rounds} rounds of {(subject.Cohort > 0 ? $"{subject.Cohort} clients" : "all clients")}, aggregator {subject.Aggregator}, ")
        + (subject.ClipNorm > 0 ? FormattableString.Invariant($"clip norm {subject.ClipNorm}, ") : "updates of any length, ")
        + (subject.Epsilon is { } epsilon ? FormattableString.Invariant($"ε {epsilon} at δ {subject.Delta}") : "no differential privacy")
        + FormattableString.Invariant($"; seeds {subject.Seed} to {subject.Seed + (ulong)subject.Seeds - 1}. Learner options: ")
        + (subject.Options.Count == 0 ? "the defaults." : $"{string.Join(", ", subject.Options.Select(option => $"{option.Key} {option.Value}"))}.");

    private static void AppendTable(StringBuilder page, ResultTable table)
    {
        page.Append("<h2>").Append(Words(table.Title)).Append("</h2>\n<table><thead>");
        AppendRow(page, table.Columns, "th", table);
        page.Append("</thead><tbody>\n");
        foreach (var row in table.Rows)
        {
            AppendRow(page, row, "td", table);
        }

        page.Append("</tbody></table>\n");
        foreach (var note in table.Notes)
        {
            page.Append("<p class=\"note\">").Append(Words(note)).Append("</p>\n");
        }
    }

    private static void AppendRow(StringBuilder page, string[] cells, string kind, ResultTable table)
    {
        page.Append("<tr>");
        for (var column = 0; column < cells.Length; column++)
        {
            page.Append('<').Append(kind).Append(table.Columns[column].StartsWith('>') ? " class=\"number\">" : ">").Append(Words(cells[column].TrimStart('>'))).Append("</").Append(kind).Append('>');
        }

        page.Append("</tr>\n");
    }

    private static string Words(string text) => WebUtility.HtmlEncode(Text.Printable(text));
}
