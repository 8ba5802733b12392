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
