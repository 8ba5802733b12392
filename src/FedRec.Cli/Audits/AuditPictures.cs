using FedRec.Core.Audits;

namespace FedRec.Cli.Audits;

/// <summary>Pictures of an audit, each with its caption; the numbers are in the tables above them.</summary>
internal static class AuditPictures
{
    /// <summary>The areas of single clients, of the plainest view and the masked one.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<ItemSetLeak> leaks) =>
    [
        SvgChart.Histogram("AUC over items of each client: updates that are not masked, and masked ones", 0, 1,
            [.. leaks.Where(leak => leak.View is ItemSetProbe.Plain or ItemSetProbe.Masked).Select(leak => (leak.View, leak.Clients))]),
    ];

    /// <summary>The curves of attacks on users, and of those on interactions.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<MembershipLeak> leaks) =>
        leaks.GroupBy(leak => leak.Of).Select(of => SvgChart.Curves($"Members among {of.Key}, first seed; the diagonal is a guess", [.. of.Select(leak => (leak.Attack, leak.Curve))]));

    /// <summary>How well each attribute is told.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<AttributeLeak> leaks) =>
        [SvgChart.Intervals("AUC of attributes with 95 % intervals; the line is a guess", [.. leaks.Select(leak => ($"{leak.Attribute}, {leak.From}", leak.Area))])];

    /// <summary>ε that is claimed against ε that is shown, and the scores that show it.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<CanaryFindings> runs)
    {
        var scores = runs[0].Scores;
        return
        [
            SvgChart.Bars("ε at least (filled) and ε claimed (line) of each run", [.. runs.Select((found, i) => ($"run {i + 1}", found.LowerBound, found.Claimed))]),
            SvgChart.Histogram("Scores of the first run's canaries", scores.Min(one => one.Score), scores.Max(one => one.Score),
                [("in training", [.. scores.Where(one => one.IsIn).Select(one => one.Score)]), ("out", [.. scores.Where(one => !one.IsIn).Select(one => one.Score)])]),
        ];
    }
}
