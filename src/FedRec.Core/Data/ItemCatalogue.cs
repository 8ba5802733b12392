namespace FedRec.Core.Data;

/// <summary>What is publicly known of the items: a title and tags for each dense item number.</summary>
/// <param name="Titles">One per item; the original id where nothing better is known.</param>
/// <param name="Tags">One list per item, possibly empty: genres, categories, clusters.</param>
public sealed record ItemCatalogue(IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Tags)
{
    /// <summary>Items that tell something of a user and are never recommended, ascending: a diagnosis where drugs are recommended, an age
    /// group where insurances are. They are never held out. Default: none.</summary>
    public IReadOnlyList<int> Context { get; init; } = [];

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
