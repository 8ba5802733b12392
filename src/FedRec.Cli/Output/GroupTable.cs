using System.Globalization;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Output;

/// <summary>Whom a model serves well and whom badly: a row for each group of users by activity, tenure and cold start, and of held-out items.</summary>
internal static class GroupTable
{
    private static readonly (string Suffix, string Words)[] s_worst =
    [
        ("worst-decile", "users by activity"),
        ("worst-tenure", "users by tenure"),
        ("worst-cold-start", "users by cold start"),
        ("worst-popularity", "held-out items by popularity"),
    ];

    private static readonly (string Suffix, string Words)[] s_apart =
    [
        ("new-users", "users without training items"),
        ("new-items", "users whose item nobody has in training"),
    ];

    /// <param name="model">The model; it has groups.</param>
    /// <param name="others">Models in further columns.</param>
    public static ResultTable Of(EvaluationRecord model, IReadOnlyList<EvaluationRecord> others)
    {
        var cutoff = model.Groups[0].Cutoff.ToString(CultureInfo.InvariantCulture);
        var table = new ResultTable(
            $"{model.Name} by activity, tenure and cold start of users and by popularity of held-out items",
            ["group", ">interactions", ">count", $">HR@{cutoff}", $">NDCG@{cutoff}", .. others.Select(o => $">{o.Name} NDCG@{cutoff}")]);
        foreach (var group in model.Groups)
        {
            table.Add([Kind(group), Interactions(group), Text.Count(group.Count), Text.Fixed(group.HitRate), Text.Fixed(group.Ndcg), .. others.Select(o => Ndcg(o, group))]);
        }

        table.Notes.Add(
            "Users are grouped by their training items (users, cold start) and by the days from their first training interaction to the newest of all (tenure);"
            + " held-out items by the users that have met them in training, up to 5 being cold.");
        if (model.Groups.Any(IsApart))
        {
            table.Notes.Add(
                "New users have no training items, and new items no training users: a temporal split keeps both apart, so that they are in no other group and in no mean.");
        }

        return table;
    }

    /// <summary>The worst group of each kind beside the mean; and what is evaluated apart from the mean. Nothing of what was not measured.</summary>
    /// <param name="quantiles">By name, such as <c>ndcg@10/worst-decile</c>.</param>
    /// <param name="mean">The mean of a metric, by its name.</param>
    public static IEnumerable<string> Notes(IReadOnlyDictionary<string, double> quantiles, Func<string, double> mean)
    {
        var metric = quantiles.Keys.Select(key => key.Split('/')).FirstOrDefault(parts => parts[0].StartsWith("ndcg@", StringComparison.Ordinal) && parts[^1] == "worst-decile")?[0];
        if (metric is null)
        {
            yield break;
        }

        string Listed((string Suffix, string Words)[] kinds) => string.Join("; ",
            from kind in kinds
            let name = $"{metric}/{kind.Suffix}"
            where quantiles.ContainsKey(name)
            select $"{kind.Words} {Text.Fixed(quantiles[name])}");
        yield return $"{EvaluationTable.Heading(metric)} of the worst group beside the mean {Text.Fixed(mean(metric))}: {Listed(s_worst)}";
        if (Listed(s_apart) is { Length: > 0 } apart)
        {
            yield return $"{EvaluationTable.Heading(metric)} apart from the mean: {apart}";
        }
    }

    private static bool IsApart(EvaluationGroup group) => group.Kind is "new-users" or "new-items";

    private static string Kind(EvaluationGroup group) => group.Kind switch
    {
        "activity" => "users",
        "popularity" => "items",
        _ => group.Kind.Replace('-', ' '),
    };

    /// <summary>The interactions of a group's members, such as 23–28, 245+ or 0; of tenure its days, such as 30–61 days.</summary>
    public static string Interactions(EvaluationGroup group)
    {
        var unit = group.Kind == "tenure" ? " days" : "";
        return group.To is not { } to ? string.Create(CultureInfo.InvariantCulture, $"{group.From}+{unit}")
            : to == group.From ? string.Create(CultureInfo.InvariantCulture, $"{to}{unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{group.From}–{to}{unit}");
    }

    // Groups are of the data and not of the model; one that a model lacks was empty.
    private static string Ndcg(EvaluationRecord record, EvaluationGroup group) =>
        record.Groups.FirstOrDefault(g => g.Kind == group.Kind && g.From == group.From) is { } same ? Text.Fixed(same.Ndcg) : "";
}

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
