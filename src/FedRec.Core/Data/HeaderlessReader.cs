namespace FedRec.Core.Data;

/// <summary>Reads lines of user, item, rating and timestamp without a header; quotes have no meaning.</summary>
internal static class HeaderlessReader
{
    public const int FieldCount = 4;

    public static void Read(string file, string delimiter, InteractionLog log, RowTally tally)
    {
        using var text = DataFile.OpenText(file);
        var parser = new RowParser(log, tally) { HasRating = true, HasTimestamp = true };
        Span<Range> fields = stackalloc Range[FieldCount + 1];
        for (var line = 1L; text.ReadLine() is { } row; line++)
        {
            if (string.IsNullOrWhiteSpace(row))
            {
                continue;
            }

            var found = row.AsSpan().Split(fields, delimiter);
            if (found == FieldCount)
            {
                parser.Add(line, row.AsSpan(fields[0]), row.AsSpan(fields[1]), row.AsSpan(fields[2]), row.AsSpan(fields[3]), []);
                continue;
            }

            tally.Count();
            var name = delimiter == "\t" ? "tabs" : delimiter;
            tally.Refuse(line, $"it has {(found > FieldCount ? $"more than {FieldCount}" : found)} fields with {name} between them instead of {FieldCount}");
        }
    }
}
