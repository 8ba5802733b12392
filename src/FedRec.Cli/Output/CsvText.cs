namespace FedRec.Cli.Output;

/// <summary>Comma-separated text as in RFC 4180, with line feeds.</summary>
internal static class CsvText
{
    public static void Write(TextWriter writer, ResultTable table)
    {
        WriteRow(writer, table.Columns.Select(c => c.TrimStart('>')));
        foreach (var row in table.Rows)
        {
            WriteRow(writer, row);
        }
    }

    public static void WriteRow(TextWriter writer, IEnumerable<string> cells) => writer.Write(string.Join(',', cells.Select(Cell)) + "\n");

    private static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
