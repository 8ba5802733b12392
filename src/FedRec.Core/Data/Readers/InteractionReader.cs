namespace FedRec.Core.Data.Readers;

/// <summary>Reads interactions of every format: <c>user,item[,rating][,timestamp][,split][,kind][,party]</c> under these names or usual others,
/// or by their places.</summary>
/// <remarks>A column <c>party</c> says which organisation holds the row, as folders of parties do otherwise.</remarks>
internal static class InteractionReader
{
    /// <summary>Adds the rows of a file to an empty log, and what there is to know of the file to the tally.</summary>
    /// <exception cref="DatasetException">The file is missing, damaged, of a format that is not read, or without a column it must have.</exception>
    public static void Read(string file, ReadingOptions options, InteractionLog log, RowTally tally)
    {
        tally.Begin(file);
        var table = TableFile.OpenInteractions(file, options);
        using var rows = table.Rows;
        if (table.HasHeader && string.Join('\t', rows.Columns) == RecommendationsReader.Header)
        {
            RecommendationsReader.Read(file, log, tally);
            tally.Describe(new FileReport(file, "recommendations of a run"), []);
            return;
        }

        var columns = InteractionColumns.Find(file, table, options);
        var parser = new RowParser(log, tally, columns, options);
        while (rows.Read())
        {
            if ((rows.Fault ?? FaultOf(rows, table)) is { } fault)
            {
                tally.Count();
                tally.Refuse(rows.Line, fault);
                continue;
            }

            parser.Add(rows);
        }

        parser.Finish(file);
        tally.Describe(ReportOf(file, table, columns, parser.Times), NotesOf(table, columns, parser));
    }

    // More fields than columns: a separator in a field that is not quoted has shifted the rest.
    private static string? FaultOf(ITable rows, InteractionTable table)
    {
        var (found, wanted) = (rows.FieldCount, rows.Columns.Count);
        return found == wanted || (found < wanted && !table.MustBeFull) ? null
            : table.HasHeader ? $"it has {found} fields where the first line has {wanted}"
            : $"it has {found} field{(found == 1 ? "" : "s")} with {table.Separator} between them instead of {wanted}";
    }

    private static FileReport ReportOf(string file, InteractionTable table, InteractionColumns columns, string? times) => new(file, table.Format)
    {
        Encoding = table.Encoding.Length == 0 ? null : table.Encoding,
        Compression = table.Compression,
        Columns = [.. columns.Used.Select(use => new ColumnUse(use.Use, table.Rows.Columns[use.Column]))],
        Unused = [.. Unused(table, columns)],
        Times = times,
    };

    private static IEnumerable<string> Unused(InteractionTable table, InteractionColumns columns) =>
        table.Rows.Columns.Where((_, place) => columns.Used.All(use => use.Column != place));

    private static IEnumerable<string> NotesOf(InteractionTable table, InteractionColumns columns, RowParser parser)
    {
        if (table.Skipped > 0)
        {
            yield return $"{table.Skipped} line{(table.Skipped == 1 ? "" : "s")} above the names of the columns {(table.Skipped == 1 ? "is" : "are")} passed over.";
        }

        var unused = Unused(table, columns).ToList();
        if (unused.Count > 0)
        {
            yield return $"Columns that are not used: {string.Join(", ", unused)}.";
        }

        foreach (var note in columns.Notes)
        {
            yield return note;
        }

        if (parser.TimeNote is { } times)
        {
            yield return times;
        }
    }
}
