namespace FedRec.Core.Data;

/// <summary>What is publicly known of the items: a title and tags for each dense item number.</summary>
/// <param name="Titles">One per item; the original id where nothing better is known.</param>
/// <param name="Tags">One list per item, possibly empty: genres, categories, clusters.</param>
public sealed record ItemCatalogue(IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Tags)
{
    /// <summary>Items that tell something of a user and are never recommended, ascending: a diagnosis where drugs are recommended, an age
    /// group where insurances are. They are never held out. Default: none.</summary>
    public IReadOnlyList<int> Context { get; init; } = [];

    /// <summary>Who may be offered what. Default: everything to everybody.</summary>
    public IReadOnlyList<EligibilityRule> Eligibility { get; init; } = [];

    /// <summary>When items appear and vanish; null for items that stay. Default: null.</summary>
    public ItemLifetimes? Lifetimes { get; init; }

    /// <summary>Users that must have an item in training for it to be recommended, so that no recommendation points at a few people; 0 for no
    /// such bound. Default: 0.</summary>
    public int MinimumCohort { get; init; }

    /// <summary>A catalogue without items.</summary>
    public static ItemCatalogue Empty { get; } = new([], []);

    /// <summary>A catalogue that knows only the ids.</summary>
    public static ItemCatalogue FromIds(IdMap items)
    {
        var titles = new string[items.Count];
        var tags = new IReadOnlyList<string>[items.Count];
        for (var i = 0; i < titles.Length; i++)
        {
            titles[i] = items[i];
            tags[i] = [];
        }

        return new ItemCatalogue(titles, tags);
    }
}

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
