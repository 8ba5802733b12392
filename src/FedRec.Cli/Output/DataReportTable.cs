using System.Globalization;
using FedRec.Core.Data.Reports;

namespace FedRec.Cli.Output;

/// <summary>Shows what a federation may know of its parties' data.</summary>
internal static class DataReportTable
{
    public static ResultTable Of(DataReport report)
    {
        var table = new ResultTable("What parties report", "party", ">users", ">interactions", ">density", ">Gini", ">top tenth", ">median event", ">last event", ">drift");
        foreach (var party in report.Parties.Prepend(report.Federation))
        {
            table.Add(party.Withheld is { } reason
                ? [party.Party, reason, "", "", "", "", "", "", ""]
                : [party.Party, Count(party.Users), Count(party.Interactions), $"{party.Density}", $"{party.PopularityGini}", $"{party.TopTenthShare}", Age(party.MedianAge), Age(party.LastAge), $"{party.Drift}"]);
        }

        table.Notes.Add($"Only rounded numbers leave a party: counts as the power of two below, shares and ages in bands. Fewer than {DataReport.MinimumCohort} users report nothing.");
        table.Notes.Add("Ages are counted from the newest day of the federation.");
        table.Notes.Add($"Drift: Jensen–Shannon divergence of {report.DriftOf} from the federation's, in percent of 1 bit. Gini, top tenth, median event and drift of the federation are its middle party's.");
        return table;
    }

    private static string Count(long? count) => string.Create(CultureInfo.InvariantCulture, $"≥ {count:N0}");

    private static string Age(AgeBand? age) => age switch
    {
        AgeBand.Day => "< 1 day",
        AgeBand.Week => "1 to 7 days",
        AgeBand.Month => "7 to 30 days",
        AgeBand.Quarter => "30 to 90 days",
        AgeBand.Year => "90 to 365 days",
        AgeBand.Older => "≥ 365 days",
        _ => "no times",
    };
}
