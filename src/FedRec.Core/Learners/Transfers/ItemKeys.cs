using FedRec.Core.Catalogues;

namespace FedRec.Core.Learners.Transfers;

/// <summary>By what items of two catalogues are taken for the same.</summary>
public static class ItemKeys
{
    /// <summary>By the ids of the data.</summary>
    public const string Id = "id";

    /// <summary>By the titles of the catalogue, whatever the case of their letters; a title that several items of a catalogue have finds none of them.</summary>
    public const string Title = "title";

    /// <summary>What can be chosen.</summary>
    public static IReadOnlyList<string> All { get; } = [Id, Title];

    /// <summary>The key of each item; null for one that cannot be told from another.</summary>
    /// <exception cref="ArgumentException">There is no such choice.</exception>
    public static IReadOnlyList<string?> Of(FederationCatalogue catalogue, string match) => match switch
    {
        Id => [.. Enumerable.Range(0, catalogue.Items.Count).Select(item => catalogue.Items[item])],
        Title => Unique([.. catalogue.Titles.Select(title => title.Trim().ToUpperInvariant())]),
        _ => throw new ArgumentException($"Items cannot be matched by {match}; choose one of {string.Join(", ", All)}."),
    };

    private static string?[] Unique(string[] titles)
    {
        var counts = titles.CountBy(title => title, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return [.. titles.Select(title => counts[title] == 1 ? title : null)];
    }
}
