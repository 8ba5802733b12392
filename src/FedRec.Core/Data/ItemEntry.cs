namespace FedRec.Core.Data;

/// <summary>One line of a list of items.</summary>
internal readonly record struct ItemEntry(string Id, string Title, IReadOnlyList<string> Tags)
{
    /// <summary>A title with its year as MovieLens writes them, unless it has the year already.</summary>
    public static string TitleOf(ReadOnlySpan<char> title, ReadOnlySpan<char> year)
    {
        title = title.Trim();
        year = year.Trim();
        return year.IsEmpty || title.IsEmpty || title.Contains(year, StringComparison.Ordinal) ? title.ToString() : $"{title} ({year})";
    }

    /// <summary>Tags with <c>|</c> between them; MovieLens' word for "none" is no tag.</summary>
    public static IReadOnlyList<string> SplitTags(string? tags) =>
        tags is null or "(no genres listed)" ? [] : tags.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
