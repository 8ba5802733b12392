namespace FedRec.Cli.Output;

/// <summary>Comma-separated text as in RFC 4180, with line feeds.</summary>
/// <remarks>A table is read by people too, in a spreadsheet, which runs a cell that begins with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a
/// carriage return as a formula. Such a cell of words gets an apostrophe in front, which spreadsheets show as text (OWASP, "CSV Injection");
/// columns of numbers are FedRec's own and stay. Data files for programs are written elsewhere, with ids as they are.</remarks>
internal static class CsvText
{
    public static void Write(TextWriter writer, ResultTable table, bool onScreen = false)
    {
        var numbers = Array.ConvertAll(table.Columns, column => column.StartsWith('>'));
        string Shown(string text) => onScreen ? Text.Printable(text) : text;
        WriteRow(writer, table.Columns.Select(column => Harmless(Shown(column.TrimStart('>')))));
        foreach (var row in table.Rows)
        {
            WriteRow(writer, row.Select((cell, column) => numbers[column] ? Shown(cell) : Harmless(Shown(cell))));
        }
    }

    public static void WriteRow(TextWriter writer, IEnumerable<string> cells) => writer.Write(string.Join(',', cells.Select(Cell)) + "\n");

    private static string Harmless(string text) => text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? $"'{text}" : text;

    private static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
