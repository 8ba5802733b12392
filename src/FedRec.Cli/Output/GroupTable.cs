using System.Globalization;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Output;

/// <summary>Whom a model serves well and whom badly: users by activity and held-out items by popularity, a row each.</summary>
internal static class GroupTable
{
    /// <param name="model">The model; it has groups.</param>
    /// <param name="others">Models in further columns.</param>
    public static ResultTable Of(EvaluationRecord model, IReadOnlyList<EvaluationRecord> others)
    {
        var cutoff = model.Groups[0].Cutoff.ToString(CultureInfo.InvariantCulture);
        var table = new ResultTable(
            $"{model.Name} by activity of users and popularity of held-out items",
            ["group", ">interactions", ">count", $">HR@{cutoff}", $">NDCG@{cutoff}", .. others.Select(o => $">{o.Name} NDCG@{cutoff}")]);
        for (var g = 0; g < model.Groups.Length; g++)
        {
            var group = model.Groups[g];
            table.Add([Kind(group), Interactions(group), Text.Count(group.Count), Text.Fixed(group.HitRate), Text.Fixed(group.Ndcg), .. others.Select(o => Ndcg(o, group))]);
        }

        table.Notes.Add("Users are grouped by their training items; held-out items by the users that have met them in training, up to 5 being cold.");
        return table;
    }

    /// <summary>The worst tenth of the users beside the mean; null when it was not measured.</summary>
    /// <param name="quantiles">By name, such as <c>ndcg@10/worst-decile</c>.</param>
    /// <param name="mean">The mean of a metric, by its name.</param>
    public static string? Worst(IReadOnlyDictionary<string, double> quantiles, Func<string, double> mean)
    {
        var name = quantiles.Keys.FirstOrDefault(key => key.StartsWith("ndcg@", StringComparison.Ordinal) && key.EndsWith("/worst-decile", StringComparison.Ordinal));
        if (name is null)
        {
            return null;
        }

        var metric = name.Split('/')[0];
        return $"Users by activity: worst decile {EvaluationTable.Heading(metric)} {Text.Fixed(quantiles[name])}, mean {Text.Fixed(mean(metric))}";
    }

    private static string Kind(EvaluationGroup group) => group.Kind == "activity" ? "users" : "items";

    /// <summary>The interactions of a group's members, such as 23–28 or 245+.</summary>
    public static string Interactions(EvaluationGroup group) => group.To is { } to
        ? string.Create(CultureInfo.InvariantCulture, $"{group.From}–{to}")
        : string.Create(CultureInfo.InvariantCulture, $"{group.From}+");

    // Groups are of the data and not of the model; one that a model lacks was empty.
    private static string Ndcg(EvaluationRecord record, EvaluationGroup group) =>
        record.Groups.FirstOrDefault(g => g.Kind == group.Kind && g.From == group.From) is { } same ? Text.Fixed(same.Ndcg) : "";
}
