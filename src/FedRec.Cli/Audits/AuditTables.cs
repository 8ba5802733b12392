using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Core.Audits;

namespace FedRec.Cli.Audits;

/// <summary>An audit in rows, for the terminal and for its page.</summary>
internal static class AuditTables
{
    /// <summary>The tables of a report, for the terminal.</summary>
    public static ResultTable[] Of(AuditReport report)
    {
        ResultTable[] tables = [.. Sections(report).Select(section => section.Table)];
        tables[^1].Notes.Add($"Page with pictures: {Path.Combine(report.Folder, AuditPage.FileName)}");
        return tables;
    }

    /// <summary>The tables, each with its pictures: one for each probe that found something to look at, and one of those that did not.</summary>
    public static IEnumerable<(ResultTable Table, IEnumerable<string> Pictures)> Sections(AuditReport report)
    {
        if (report.ItemSets.Count > 0)
        {
            yield return (ItemSets(report), AuditPictures.Of(report.ItemSets));
        }

        if (report.Membership.Count > 0)
        {
            yield return (Membership(report), AuditPictures.Of(report.Membership));
        }

        if (report.Attributes.Count > 0)
        {
            yield return (Attributes(report), AuditPictures.Of(report.Attributes));
        }

        if (report.Canaries.Count > 0)
        {
            yield return (Canaries(report), AuditPictures.Of(report.Canaries));
        }

        if (report.Tampering.Count > 0)
        {
            yield return (Tampering(report), []);
        }

        if (report.NotDone.Count > 0)
        {
            yield return (report.NotDone.Aggregate(new ResultTable("Not done", "probe", "why"), (table, one) => table.Add(one.Key, one.Value)), []);
        }
    }

    private static ResultTable ItemSets(AuditReport report)
    {
        var table = new ResultTable("Item-set inference: which items a client has met, from what the server sees", "what the server sees", ">AUC over items", ">AUC over clients of an item");
        foreach (var leak in report.ItemSets)
        {
            table.Add(leak.View, Interval(leak.OfItems), Interval(leak.OfClients));
        }

        table.Notes.Add("0.5 is a guess. Over items, what is popular counts as well, which everybody knows; over clients of an item, only what is known of this client does.");
        table.Notes.Add(report.Subject.IsMasked ? "This run masks updates: the server sees the rows that begin with masked." : "Warning: this run does not mask updates: a sparse update is the list of the client's items. --aggregator secure-mean masks them.");
        return table;
    }

    private static ResultTable Membership(AuditReport report)
    {
        var table = new ResultTable("Membership inference: who, and what, a released model was trained on", "of", "by", ">AUC", ">found at 1 % false alarms");
        foreach (var leak in report.Membership)
        {
            table.Add(leak.Of, leak.Attack, Interval(leak.Area), Interval(leak.TrueRateAtOnePercent));
        }

        table.Notes.Add("0.5 is a guess, and 0.01 found at 1 % false alarms. The attacker knows a third of a user's items and asks for the others; served lists are of ten items.");
        return table;
    }

    private static ResultTable Attributes(AuditReport report)
    {
        var table = new ResultTable("Attribute inference: what users are, beside what they have met", "attribute", "from", ">users", ">AUC", ">right", ">majority alone");
        foreach (var leak in report.Attributes)
        {
            table.Add(leak.Attribute, leak.From, Text.Count(leak.Users), Interval(leak.Area), Interval(leak.Accuracy), Text.Fixed(leak.Majority, 3));
        }

        table.Notes.Add("An attacker who knows the attribute of four fifths of the users tells it of the others. User vectors do not leave a client, so that there is nothing to tell from them.");
        return table;
    }

    private static ResultTable Canaries(AuditReport report)
    {
        var table = new ResultTable("Canary audit: the ε that a run has at least", ">run", ">ε at least", ">ε claimed", ">noise multiplier", ">AUC of canaries", "verdict");
        foreach (var (found, i) in report.Canaries.Select((found, i) => (found, i)))
        {
            table.Add(Text.Count(i + 1), Text.Fixed(found.LowerBound, 3), Epsilon(found.Claimed), Text.Fixed(found.NoiseMultiplier), Interval(found.Area), found.IsBroken ? "more than is claimed" : double.IsFinite(found.Claimed) ? "within the claim" : "nothing is claimed");
        }

        var any = report.Canaries[0];
        table.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"{any.Canaries} canaries in each run, each in or out by a coin; the bound is true with {any.Confidence:P0} for each run, at δ = {any.Delta:0.##e0}. A bound far below the claim says that this attack is not the best one, and not that the claim is wrong."));
        if (report.Canaries.Any(found => found.IsBroken))
        {
            table.Notes.Add("Warning: a run tells more than its accountant claims. By the bound's own words that happens by chance in a few of a hundred runs; in several of these something is wrong with noise, clipping or accounting.");
        }

        return table;
    }

    private static ResultTable Tampering(AuditReport report) => report.Tampering.Aggregate(
        new ResultTable("Tampered item vectors: is a server noticed that shows something else?", "what is shown", "noticed", "how"),
        (table, finding) => table.Add(finding.What, finding.IsDetected ? "yes" : "no", finding.How));

    private static string Epsilon(double epsilon) => double.IsFinite(epsilon) ? Text.Fixed(epsilon, 3) : "none";

    private static string Interval(Measured measured) => $"{Text.Fixed(measured.Value, 3)} ({Text.Fixed(measured.Low, 3)} to {Text.Fixed(measured.High, 3)})";
}
