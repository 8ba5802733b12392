namespace FedRec.Core.Data;

/// <summary>Reads CSV and TSV with a header line, and Parquet: <c>user,item[,rating][,timestamp][,split][,party]</c> or aliases of these names.
/// MovieLens <c>ratings.csv</c> is one of them.</summary>
/// <remarks>A column <c>party</c> says which organisation holds the row, as folders of parties do otherwise.</remarks>
internal static class CsvReader
{
    private static readonly char[] s_delimiters = [',', '\t', ';', '|'];

    public static void Read(string file, InteractionLog log, RowTally tally)
    {
        using var table = TableFile.Open(file);
        var user = Column(table, ColumnAliases.User, "user", file);
        var item = Column(table, ColumnAliases.Item, "item", file);
        var rating = ColumnAliases.Find(table.Columns, ColumnAliases.Rating);
        var timestamp = ColumnAliases.Find(table.Columns, ColumnAliases.Timestamp);
        var split = ColumnAliases.Find(table.Columns, ColumnAliases.Split);
        var party = ColumnAliases.Find(table.Columns, ColumnAliases.Party);
        var parser = new RowParser(log, tally) { HasRating = rating >= 0, HasTimestamp = timestamp >= 0, HasSplit = split >= 0, HasParty = party >= 0 };
        while (table.Read())
        {
            if (table.FieldCount > table.Columns.Count) // an unquoted delimiter has shifted the columns
            {
                tally.Count();
                tally.Refuse(table.Line, $"it has {table.FieldCount} fields where the first line has {table.Columns.Count}");
                continue;
            }

            parser.Add(table.Line, table.Field(user), table.Field(item), table.Field(rating), table.Field(timestamp), table.Field(split), table.Field(party));
        }
    }

    /// <summary>By extension, else the delimiter that is most frequent in the first line.</summary>
    public static char FindDelimiter(string file)
    {
        if (Path.GetExtension(file).ToUpperInvariant() is ".TSV" or ".TAB")
        {
            return '\t';
        }

        using var text = DataFile.OpenText(file);
        var header = text.ReadLine() ?? "";
        return s_delimiters.MaxBy(d => header.AsSpan().Count(d)); // the first of equals
    }

    private static int Column(ITable table, string[] aliases, string name, string file)
    {
        var column = ColumnAliases.Find(table.Columns, aliases);
        return column >= 0 ? column : throw new DatasetException(
            $"{(ParquetTable.HasExtension(file) ? "The file" : "The first line")} has no column for the {name}; its columns are: {string.Join(", ", table.Columns.Select(c => $"'{c}'"))}.",
            $"Name the columns, such as user,item,rating,timestamp; {name} may also be called {string.Join(", ", aliases.Skip(1).Take(6))}.",
            file,
            ParquetTable.HasExtension(file) ? null : 1);
    }
}
