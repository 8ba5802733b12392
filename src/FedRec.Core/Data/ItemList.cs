using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>A list of items by itself: what a catalogue is made of where no interactions come with it.</summary>
public static class ItemList
{
    /// <summary>Reads a list: <c>u.item</c>, <c>movies.dat</c>, or a table (CSV, Parquet) with a column of ids and perhaps of titles and tags.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Ids in the order of the file, each once, with what is known of them.</returns>
    /// <exception cref="DatasetException">It has no column for the item, or a row cannot be read, or it has no items.</exception>
    public static (IdMap Items, ItemCatalogue Catalogue) Read(string path)
    {
        var (ids, titles, tags) = (new IdMap(), new List<string>(), new List<IReadOnlyList<string>>());
        foreach (var entry in ItemCatalogueReader.ReadList(path, new ListText(null)))
        {
            if (entry.Id.Trim() is { Length: > 0 } id && !ids.TryGet(id, out _))
            {
                ids.GetOrAdd(id);
                titles.Add(string.IsNullOrWhiteSpace(entry.Title) ? id : entry.Title.Trim());
                tags.Add(entry.Tags);
            }
        }

        return ids.Count > 0 ? (ids, ItemCatalogue.FromIds(ids) with { Titles = [.. titles], Tags = [.. tags] })
            : throw new DatasetException("The list has no items.", "Give a file with a row for each item.", path);
    }
}
