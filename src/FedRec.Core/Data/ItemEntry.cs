namespace FedRec.Core.Data;

/// <summary>One line of a list of items.</summary>
internal readonly record struct ItemEntry(string Id, string Title, IReadOnlyList<string> Tags)
{
    /// <summary>Tags with <c>|</c> between them; MovieLens' word for "none" is no tag.</summary>
    public static IReadOnlyList<string> SplitTags(string? tags) =>
        tags is null or "(no genres listed)" ? [] : tags.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
