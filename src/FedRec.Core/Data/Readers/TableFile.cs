namespace FedRec.Core.Data.Readers;

/// <summary>Opens a file of rows: Parquet, delimited text or JSON lines, packed or not, or a database.</summary>
internal static class TableFile
{
    private const int HeadLength = 1 << 16;
    private static readonly Separator[] s_ofTables = [new(','), new('\t'), new(';'), new('|')];

    /// <summary>Opens a table whose columns the caller knows by name or place.</summary>
    /// <param name="file">The file as the user named it.</param>
    /// <param name="delimiter">What separates fields of a text file; null to find out.</param>
    /// <param name="header">Whether the first line of a text file names its columns. Parquet always does.</param>
    /// <param name="encoding">One of <see cref="TextEncodings"/>; null for UTF-8.</param>
    /// <exception cref="DatasetException">The file is missing, damaged, or neither text nor Parquet.</exception>
    public static ITable Open(string file, char? delimiter = null, bool header = true, string? encoding = null)
    {
        var opened = OpenedFile.Open(file);
        if (IsParquet(opened))
        {
            return ParquetTable.Open(file, opened.Bytes);
        }

        var (text, head) = Begin(opened, encoding);
        var separator = delimiter is { } given ? new Separator(given) : SeparatorOf(file, head);
        return Closing(text, () => CsvTable.Open(file, new RecordReader(text, head, separator, quotes: true), header));
    }

    /// <summary>Opens a file of interactions, whose format is found out from its content and from what the user says of it.</summary>
    /// <exception cref="DatasetException">The file is missing, damaged, or of a format that is not read.</exception>
    public static InteractionTable OpenInteractions(string file, ReadingOptions options)
    {
        if (options.Provider is not null)
        {
            return OpenDatabase(file, options, "database");
        }

        var opened = OpenedFile.Open(file, options.Part);
        if (opened.IsDatabase || options.Query is not null)
        {
            opened.Dispose();
            return opened.IsDatabase ? OpenDatabase(file, options, "SQLite")
                : throw new DatasetException("A query is given, but the file is no database.", "Leave the query out, or give a SQLite file.", file);
        }

        if (IsParquet(opened))
        {
            var sample = ParquetTable.Sample(file, opened.Bytes);
            return new(ParquetTable.Open(file, opened.Bytes), sample, HasHeader: true, MustBeFull: true, "") { Format = "Parquet", Encoding = "" };
        }

        var (text, head) = Begin(opened, options.Encoding);
        var encoding = text.CurrentEncoding.WebName;
        return Closing(text, () => OpenText(file, text, head, options)) with { Encoding = encoding, Compression = opened.Compression };
    }

    /// <summary>What a position in the file is called.</summary>
    public static string PlaceWord(string? file) => ParquetTable.HasExtension(file) ? "row" : "line";

    private static InteractionTable OpenDatabase(string file, ReadingOptions options, string format)
    {
        var sample = DatabaseTable.Sample(file, options.Query, options.Provider); // before: some databases allow one transaction at a time
        return new(DatabaseTable.Open(file, options.Query, options.Provider), sample, HasHeader: true, MustBeFull: true, "") { Format = format, Encoding = "" };
    }

    private static InteractionTable OpenText(string file, TextReader text, string head, ReadingOptions options)
    {
        var whole = head.Length < HeadLength;
        var layout = TextLayout.Of(file, head, whole, options);
        var records = new RecordReader(text, head, layout.Separator, layout.Quotes);
        records.Skip(layout.Skipped);
        if (layout.Shape == LineShape.Json)
        {
            var objects = JsonLinesTable.Open(records, head, whole);
            return new(objects, objects.Sample, HasHeader: true, MustBeFull: false, "") { Format = layout.Words, Encoding = "" };
        }

        if (layout.Shape == LineShape.ItemsOfUser)
        {
            return new(new ItemsOfUserTable(records), [], HasHeader: true, MustBeFull: true, "") { Format = layout.Words, Encoding = "" };
        }

        var rows = TextLayout.Sample(head, whole, layout.Separator, layout.Quotes, layout.Skipped);
        return new(CsvTable.Open(file, records, layout.HasHeader, layout.Fields), layout.HasHeader ? [.. rows.Skip(1)] : rows, layout.HasHeader, MustBeFull: !layout.HasHeader, layout.Separator.Words)
        {
            Format = layout.Words,
            Encoding = "",
            Skipped = layout.Skipped,
        };
    }

    private static bool IsParquet(OpenedFile opened) => opened.Compression is null && (opened.IsParquet || ParquetTable.HasExtension(opened.File));

    // The first part of the text; a byte order mark is none of it.
    private static (StreamReader Text, string Head) Begin(OpenedFile opened, string? encoding)
    {
        var text = opened.ReadText(encoding);
        return Closing(text, () =>
        {
            var head = new char[HeadLength];
            var length = text.ReadBlock(head);
            return !head.AsSpan(0, length).IsWhiteSpace() ? (text, new string(head, 0, length))
                : throw new DatasetException(length == 0 ? "The file is empty." : "The file holds nothing but blank lines.", "Give a file with one interaction per line.", opened.File);
        });
    }

    // By extension, else what is most frequent in the first line.
    private static Separator SeparatorOf(string file, string head)
    {
        var text = head.AsSpan().TrimStart("\r\n");
        var end = text.IndexOfAny('\r', '\n');
        var counts = (end < 0 ? text : text[..end]).ToString().CountBy(c => c).ToDictionary();
        return Path.GetExtension(file).ToUpperInvariant() is ".TSV" or ".TAB" ? new('\t')
            : s_ofTables.MaxBy(separator => counts.GetValueOrDefault(separator.First)); // the first of equals
    }

    private static T Closing<T>(StreamReader onFailure, Func<T> open)
    {
        try
        {
            return open();
        }
        catch
        {
            onFailure.Dispose();
            throw;
        }
    }
}
