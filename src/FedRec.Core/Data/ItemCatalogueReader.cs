using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>Finds titles and tags in the files that data sets bring along. An item that is not listed keeps its id as title.</summary>
internal static class ItemCatalogueReader
{
    private const string MovieLensItems = "u.item";

    /// <summary>Reads the first of <c>items.csv</c>, <c>items.parquet</c>, <c>movies.csv</c>, <c>movies.dat</c>, <c>u.item</c> beside the interactions.</summary>
    public static ItemCatalogue ReadBeside(string interactions, IdMap items, ListText text) =>
        Fill(items, ReadFolder(Path.GetDirectoryName(Path.GetFullPath(interactions)) ?? ".", text) ?? []);

    /// <summary>Reads the list of items in the common folder; without one, the parties' own lists, of which the first that has an item names it.</summary>
    public static ItemCatalogue ReadOfParties(string folder, IReadOnlyList<string> parties, IdMap items, ListText text) =>
        Fill(items, ReadFolder(folder, text) ?? parties.Reverse().SelectMany(party => ReadFolder(party, text) ?? []));

    private static IEnumerable<ItemEntry>? ReadFolder(string folder, ListText text)
    {
        string[] names = ["items.csv", "items.parquet", "movies.csv", "movies.dat", MovieLensItems];
        var file = names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return file is null ? null : ReadList(file, text);
    }

    /// <summary>Reads a list of items, by its name.</summary>
    /// <exception cref="DatasetException">It has no column for the item, or a row cannot be read.</exception>
    public static IEnumerable<ItemEntry> ReadList(string file, ListText text) => Path.GetFileName(file) switch
    {
        MovieLensItems => MovieLensItemReader.Read(file, text),
        "movies.dat" => ReadDat(file, text),
        _ => ReadCsv(file, text),
    };

    private static ItemCatalogue Fill(IdMap items, IEnumerable<ItemEntry> entries)
    {
        var byId = ItemCatalogue.FromIds(items);
        var (titles, tags) = (byId.Titles.ToArray(), byId.Tags.ToArray());
        foreach (var entry in entries)
        {
            if (items.TryGet(entry.Id, out var item) || items.TryGet(entry.Id.AsSpan().Trim(), out item))
            {
                titles[item] = string.IsNullOrWhiteSpace(entry.Title) ? titles[item] : entry.Title.Trim();
                tags[item] = entry.Tags;
            }
        }

        return new ItemCatalogue(titles, tags);
    }

    private static IEnumerable<ItemEntry> ReadDat(string file, ListText text) =>
        from line in text.Lines(file)
        let fields = line.Split("::")
        where fields.Length >= 2
        select new ItemEntry(fields[0], fields[1], ItemEntry.SplitTags(fields.ElementAtOrDefault(2)));

    private static IEnumerable<ItemEntry> ReadCsv(string file, ListText text)
    {
        using var table = TableFile.Open(file, encoding: ParquetTable.HasExtension(file) ? null : text.EncodingOf(file));
        var id = ColumnAliases.Find(table.Columns, [.. ColumnAliases.Item, "id"]);
        var title = ColumnAliases.Find(table.Columns, ColumnAliases.Title);
        var tags = ColumnAliases.Find(table.Columns, ColumnAliases.Tags);
        var year = ColumnAliases.Find(table.Columns, ColumnAliases.Year);
        if (id < 0)
        {
            throw new DatasetException(
                $"The list of items has no column for the item; its columns are {string.Join(", ", table.Columns.Select(column => $"'{column}'"))}.",
                "Name the column of the item ids item, item_id or id; title and tags are read beside it.", file);
        }

        while (table.Read())
        {
            if (table.Fault is { } fault)
            {
                throw new DatasetException($"The row cannot be read: {fault}.", "Correct the row.", file, table.Line);
            }

            yield return new ItemEntry(table.Field(id).ToString(), ItemEntry.TitleOf(table.Field(title), table.Field(year)), ItemEntry.SplitTags(table.Field(tags).ToString()));
        }
    }
}

/// <summary>Reads MovieLens 100K <c>u.item</c>, with the names of its genre flags from <c>u.genre</c> beside it; both Latin-1.</summary>
internal static class MovieLensItemReader
{
    private const int FirstGenreField = 5;
    private const string NoGenre = "unknown";

    public static IEnumerable<ItemEntry> Read(string file, ListText text)
    {
        var genres = ReadGenres(Path.Combine(Path.GetDirectoryName(file) ?? ".", "u.genre"), text);
        return
            from line in text.Lines(file)
            let fields = line.Split('|')
            where fields.Length >= 2
            select new ItemEntry(fields[0], fields[1], Tags(fields.AsSpan(Math.Min(FirstGenreField, fields.Length)..), genres));
    }

    private static List<string> Tags(ReadOnlySpan<string> flags, string[] genres)
    {
        var tags = new List<string>();
        for (var i = 0; i < Math.Min(flags.Length, genres.Length); i++)
        {
            if (flags[i] == "1" && genres[i] != NoGenre)
            {
                tags.Add(genres[i]);
            }
        }

        return tags;
    }

    private static string[] ReadGenres(string file, ListText text) =>
        File.Exists(file) ? [.. text.Lines(file).Where(l => l.Contains('|', StringComparison.Ordinal)).Select(l => l.Split('|')[0])] : [];
}
