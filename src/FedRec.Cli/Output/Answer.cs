using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedRec.Cli.Output;

/// <summary>What a command found: an object for programs and tables for people.</summary>
internal static class Answer
{
    /// <summary>Writes the answer in the wanted format to standard output.</summary>
    /// <param name="terminal">Where to write.</param>
    /// <param name="format">Table, JSON or CSV.</param>
    /// <param name="json">The whole answer; its members are the fields of the JSON object.</param>
    /// <param name="tables">The same in rows; as CSV with an empty line between two.</param>
    public static void Write<T>(Terminal terminal, OutputFormat format, T json, params ResultTable[] tables)
    {
        switch (format)
        {
            case OutputFormat.Json:
                terminal.Out.WriteLine(Json.Indented(json));
                break;
            case OutputFormat.Csv:
                for (var i = 0; i < tables.Length; i++)
                {
                    terminal.Out.Write(i > 0 ? "\n" : "");
                    CsvText.Write(terminal.Out, tables[i], terminal.OutIsScreen);
                }

                break;
            default:
                Array.ForEach(tables, table => Screen.Write(terminal, table));

                break;
        }

        terminal.Out.Flush();
    }
}

/// <summary>How a command writes its answer.</summary>
internal enum OutputFormat
{
    Table,
    Json,
    Csv,
}

/// <summary>The one way in which answers become JSON.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_indented = Create(indented: true);
    private static readonly JsonSerializerOptions s_line = Create(indented: false);

    public static string Indented<T>(T value) => JsonSerializer.Serialize(value, s_indented);

    public static string Line<T>(T value) => JsonSerializer.Serialize(value, s_line);

    /// <summary>Reads back what <see cref="Indented"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static T? Read<T>(string text) => JsonSerializer.Deserialize<T>(text, s_indented);

    private static JsonSerializerOptions Create(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        NewLine = "\n",
        // Titles and ids stay readable: the text goes to a file or a terminal, not into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}

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
