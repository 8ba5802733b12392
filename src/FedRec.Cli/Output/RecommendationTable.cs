using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Output;

/// <summary>Recommendations as a table, and reasons in words.</summary>
internal static class RecommendationTable
{
    public static ResultTable Of(string federation, RecommendationQuery query, RecommendationAnswer answer)
    {
        string[] why = query.Explain ? ["why"] : [];
        var table = new ResultTable($"{federation}, model version {answer.Version}: for {(query.Items.IsDefaultOrEmpty ? $"user {query.User}" : $"a user with {Text.Count(query.Items.Length)} items")}", [">rank", "item", "title", ">score", "tags", .. why]);
        foreach (var item in answer.Items)
        {
            string[] reasons = query.Explain ? [Why(item)] : [];
            table.Add([Text.Count(item.Rank), item.Item, item.Title, Text.Fixed(item.Score), string.Join(", ", item.Tags), .. reasons]);
        }

        if (answer.Items.IsEmpty)
        {
            table.Notes.Add(query.Part is { Offset: > 0 and var offset } ? $"The list ends before place {Text.Count(offset + 1)}." : "Nothing is left to recommend.");
        }

        if (answer.Reason is { } reason)
        {
            table.Notes.Add(reason);
        }

        return table;
    }

    /// <summary>One recommendation as a sentence.</summary>
    public static string Sentence(string user, RecommendedItem item) => $"User {user} may like “{item.Title}”: {Why(item)}.";

    /// <summary>The user's own items that speak most for it.</summary>
    public static string Why(RecommendedItem item)
    {
        var reasons = item.Reasons.Where(r => r.Part > 0).Take(3).ToList();
        var shared = reasons.SelectMany(r => r.SharedTags).Distinct().Take(3).ToList();
        return reasons.Count == 0
            ? "nothing known of this user speaks for it; scored as for anybody"
            : $"because of {string.Join(", ", reasons.Select(r => $"“{r.Title}” ({Text.Percent(r.Share, 0)})"))}" + (shared.Count > 0 ? $"; in common: {string.Join(", ", shared)}" : "");
    }
}
