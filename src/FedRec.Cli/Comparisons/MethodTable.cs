using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;

namespace FedRec.Cli.Comparisons;

/// <summary>A comparison of methods as a table: a row for each, with both deals side by side.</summary>
internal static class MethodTable
{
    public static ResultTable Of(MethodReport report)
    {
        var skew = string.Create(CultureInfo.InvariantCulture, $"α={report.Alpha}");
        var table = new ResultTable(
            string.Create(CultureInfo.InvariantCulture, $"{report.Parties} parties, users dealt alike (IID) and unevenly ({skew}), {report.Seeds} seeds"),
            "method", ">NDCG@10 IID", $">NDCG@10 {skew}", ">loss", ">against pooled", ">HR@10 IID", $">HR@10 {skew}", ">worst decile IID", $">worst decile {skew}", "failure");
        foreach (var method in report.Methods)
        {
            table.Add(
                method.Name, Cell(method.Alike?.Ndcg, report), Cell(method.Skewed?.Ndcg, report), method.Loss is { } loss ? Text.Percent(loss) : "", AgainstPooled(method, report),
                Cell(method.Alike?.HitRate, report), Cell(method.Skewed?.HitRate, report), Cell(method.Alike?.WorstDecile, report), Cell(method.Skewed?.WorstDecile, report), method.Failure ?? "");
        }

        if (report.Methods.All(method => method.Failure is null))
        {
            table.Details.Add(table.Columns.Length - 1);
        }

        AddNotes(table, report);
        return table;
    }

    private static void AddNotes(ResultTable table, MethodReport report)
    {
        foreach (var sentence in Verdict(report))
        {
            table.Notes.Add(sentence);
        }

        table.Notes.Add("FedAvg, FedProx and SCAFFOLD take the mean of the clients' models; FedOpt is the server step that suits the learner. loss: NDCG@10 from IID to uneven.");
        table.Notes.Add("worst decile: NDCG@10 of the tenth of the users, by activity, that fares worst. All numbers are of test interactions, by which nothing was chosen.");
        table.Notes.Add($"Comparison folder: {report.Folder}");
    }

    // "Best" is said of what seeds show, and never of the highest mean alone.
    private static IEnumerable<string> Verdict(MethodReport report)
    {
        if (report is not { Highest: { } highest, Pooled: not null })
        {
            yield break;
        }

        if (report is { HighestAgainstPooled: null, HighestAgainstNext: null })
        {
            yield return report.Seeds < 2
                ? $"No difference is shown: one seed has no interval. The highest mean where parties differ is that of {highest.Name}; give --seeds 3 or more to tell it from chance."
                : $"No difference is shown: the {report.Seeds} seeds give no interval. The highest mean where parties differ is that of {highest.Name}.";
            yield break;
        }

        yield return report.HighestAgainstPooled is { } pooled ? Sentence(highest.Name, "pooled training", pooled) : $"Against pooled training no difference of {highest.Name} is shown: the seeds give no interval.";
        if (report is { Next: { } next, HighestAgainstNext: { } margin })
        {
            yield return margin.ExcludesZero
                ? $"Best where parties differ: {Sentence(highest.Name, next.Name, margin)}"
                : $"No method is shown to be the best where parties differ: {Sentence(highest.Name, next.Name, margin)}";
        }

        yield return "Intervals are over seeds, for the highest mean of several methods; they are not corrected for that choice.";
    }

    private static string Sentence(string first, string second, SeedDifference difference)
    {
        var interval = string.Create(CultureInfo.InvariantCulture, $"NDCG@10 {difference.Mean:+0.0000;−0.0000}, 95 % interval over {difference.Seeds} seeds {difference.Low:F4} to {difference.High:F4}");
        return difference.ExcludesZero ? $"{first} is {(difference.Mean > 0 ? "better" : "worse")} than {second} where parties differ ({interval})"
            : $"between {first} and {second} no difference is shown ({interval})";
    }

    private static string Cell(Spread? spread, MethodReport report) => spread is { } known ? Text.MeanAndSpread(known.Mean, known.Sd, report.Seeds) : "";

    private static string AgainstPooled(MethodResult method, MethodReport report) =>
        report.Pooled is { } pooled && method.Skewed is { } own && pooled.Ndcg.Mean > 0
            ? (own.Ndcg.Mean / pooled.Ndcg.Mean) - 1 is var share && share >= 0 ? "+" + Text.Percent(share) : Text.Percent(share) : "";
}
