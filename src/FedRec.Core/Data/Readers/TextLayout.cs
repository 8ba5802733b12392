namespace FedRec.Core.Data.Readers;

/// <summary>How the lines of a text file are built, found out from its first lines and never from its name alone.</summary>
/// <param name="Shape">What a line is.</param>
/// <param name="Separator">Stands between fields.</param>
/// <param name="HasHeader">Whether the first line names the columns.</param>
/// <param name="Fields">Fields of most lines.</param>
internal sealed record TextLayout(LineShape Shape, Separator Separator, bool HasHeader, int Fields)
{
    private const int SampleSize = 60;
    private const double Most = 0.9;

    /// <summary>Lines above the header that are passed over. Default: none.</summary>
    public int Skipped { get; init; }

    /// <summary>Whether fields may be quoted. What has no header and no commas never quotes: a quote is then part of a name.</summary>
    public bool Quotes => Separator.Kind == SeparatorKind.Character && (HasHeader || Separator.First is ',' or ';');

    /// <summary>In words: <c>CSV with commas</c>.</summary>
    public string Words => Shape switch
    {
        LineShape.Json => "JSON lines",
        LineShape.ItemsOfUser => "lists of a user's items",
        _ => Separator.First == ',' ? "CSV" : $"text with {Separator.Words} between fields",
    } + (HasHeader || Shape != LineShape.Fields ? "" : ", without a header");

    /// <summary>The first records of a text under a layout of fields; the last one of a longer text may be cut off and is left out.</summary>
    public static List<string[]> Sample(string head, bool isWhole, Separator separator, bool quotes, int skip)
    {
        using var records = new RecordReader(TextReader.Null, head, separator, quotes);
        records.Skip(skip);
        var sample = new List<string[]>();
        while (sample.Count <= SampleSize && records.Read())
        {
            if (records.Fault is null)
            {
                sample.Add([.. Enumerable.Range(0, records.FieldCount).Select(i => (records.IsQuoted(i) ? records[i] : records[i].Trim()).ToString())]);
            }
        }

        if (sample.Count is > 1 and <= SampleSize && !isWhole)
        {
            sample.RemoveAt(sample.Count - 1);
        }

        return sample;
    }

    /// <summary>Finds the layout of a file of interactions.</summary>
    /// <param name="file">For errors, and for the names that published files have.</param>
    /// <param name="head">The start of its text; not blank.</param>
    /// <param name="isWhole">Whether that is all of it.</param>
    /// <param name="options">What the user knows of it.</param>
    /// <exception cref="DatasetException">It is one JSON array, which is no lines.</exception>
    public static TextLayout Of(string file, string head, bool isWhole, ReadingOptions options)
    {
        if (options.Separator is null && ShapeOf(file, head) is { } shape)
        {
            return shape;
        }

        var separators = options.Separator is { } given ? [Separator.Parse(given)] : Separator.All;
        var comments = options.NoHeader ? 0 : LeadingComments(head);
        foreach (var skip in comments == 0 ? [0] : new[] { 0, comments })
        {
            foreach (var separator in options.NoHeader ? [] : separators)
            {
                var header = Sample(head, isWhole, separator, quotes: separator.Kind == SeparatorKind.Character, skip).FirstOrDefault() ?? [];
                if (InteractionColumns.IsHeader(header, options))
                {
                    return new TextLayout(LineShape.Fields, separator, HasHeader: true, header.Length) { Skipped = skip };
                }
            }
        }

        return WithoutKnownNames(file, head, isWhole, separators, options);
    }

    private static TextLayout? ShapeOf(string file, string head)
    {
        if (Path.GetFileName(file).Equals(KnownFiles.MovieLensTab, StringComparison.OrdinalIgnoreCase))
        {
            return new TextLayout(LineShape.Fields, new('\t'), HasHeader: false, 4);
        }

        var start = head.AsSpan().TrimStart();
        if (start.StartsWith("[") && start[1..].TrimStart().StartsWith("{"))
        {
            throw new DatasetException("The file is one JSON array; rows are read from JSON lines, one object in each.", "Write them so, with jq for example: jq -c '.[]' file.json > file.jsonl.", file, 1);
        }

        return start.StartsWith("{") ? new TextLayout(LineShape.Json, Separator.None, HasHeader: true, 0) : null;
    }

    // A line with a number or a date in it names no columns.
    private static TextLayout WithoutKnownNames(string file, string head, bool isWhole, Separator[] separators, ReadingOptions options)
    {
        var samples = separators.Select(separator => (Separator: separator, Rows: Sample(head, isWhole, separator, separator.First is ',' or ';', 0))).ToList();
        foreach (var (separator, rows) in samples.Where(sample => sample.Rows.Count > 0)) // none where every line is broken
        {
            var fields = rows.CountBy(row => row.Length).MaxBy(count => count.Value);
            var known = separator == Separator.Colons && Path.GetExtension(file).Equals(".dat", StringComparison.OrdinalIgnoreCase) && fields.Key > 1;
            if ((fields.Key >= 2 && fields.Value >= Most * rows.Count) || known)
            {
                return new TextLayout(LineShape.Fields, separator, !options.NoHeader && !rows[0].Any(InteractionColumns.IsValue), fields.Key);
            }
        }

        var blanks = samples.Find(sample => sample.Separator == Separator.Blanks).Rows;
        if (blanks is { Count: > 0 } && blanks.Count(row => row.Length >= 2) >= blanks.Count / 2.0 && blanks.TrueForAll(row => Array.TrueForAll(row, field => field.All(char.IsAsciiDigit))))
        {
            return new TextLayout(LineShape.ItemsOfUser, Separator.Blanks, HasHeader: false, 0);
        }

        var (most, first) = samples.MaxBy(sample => sample.Rows.FirstOrDefault()?.Length ?? 0);
        return new TextLayout(LineShape.Fields, most, !options.NoHeader, first.FirstOrDefault()?.Length ?? 0);
    }

    private static int LeadingComments(string head)
    {
        var lines = 0;
        foreach (var line in head.AsSpan().EnumerateLines())
        {
            if (!line.IsWhiteSpace() && !line.StartsWith("#"))
            {
                return lines;
            }

            lines++;
        }

        return 0;
    }
}

/// <summary>What a line of a text file is.</summary>
internal enum LineShape
{
    /// <summary>The fields of one row.</summary>
    Fields,

    /// <summary>A user and then all items of the user.</summary>
    ItemsOfUser,

    /// <summary>A JSON object.</summary>
    Json,
}
