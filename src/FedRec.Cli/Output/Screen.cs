using Spectre.Console;

namespace FedRec.Cli.Output;

/// <summary>Consoles over the terminal's writers, with colours only where they are wanted.</summary>
internal static class Screen
{
    public static IAnsiConsole Out(Terminal terminal) => Create(terminal, terminal.Out, terminal.OutIsScreen);

    public static IAnsiConsole Error(Terminal terminal) => Create(terminal, terminal.Error, terminal.ErrorIsScreen);

    /// <summary>A table with its title above and its notes below.</summary>
    public static void Write(Terminal terminal, ResultTable result)
    {
        var console = Out(terminal);
        if (result.Title.Length > 0)
        {
            console.Write(new Spectre.Console.Text(Text.Printable(result.Title), new Style(decoration: Decoration.Bold)).Overflow(Overflow.Ellipsis));
            console.WriteLine();
        }

        console.Write(ToTable(result, console.Profile.Width));
        foreach (var note in result.Notes)
        {
            terminal.Out.WriteLine(Text.Printable(note)); // not through the console, which would break long lines and with them hashes and paths
        }
    }

    private static Table ToTable(ResultTable result, int width)
    {
        var table = new Table { Border = TableBorder.Rounded };
        var shown = Shown(result, width);
        foreach (var index in shown)
        {
            var column = new TableColumn(Markup.Escape(Text.Printable(result.Columns[index].TrimStart('>'))));
            column = result.Columns[index].StartsWith('>') ? column.RightAligned() : column;
            table.AddColumn(index == 0 || result.Columns[index].StartsWith('>') ? column.NoWrap() : column);
        }

        foreach (var row in result.Rows)
        {
            table.AddRow([.. shown.Select(c => new Spectre.Console.Text(Text.Printable(row[c])))]);
        }

        return table;
    }

    private static List<int> Shown(ResultTable result, int width)
    {
        var shown = Enumerable.Range(0, result.Columns.Length).Where(c => !result.Details.Contains(c)).ToList();
        var needed = 1 + shown.Sum(c => Width(result, c));
        while (needed > width && shown.FindLastIndex(result.Secondary.Contains) is >= 0 and var last)
        {
            needed -= Width(result, shown[last]);
            shown.RemoveAt(last); // what comes last matters least
        }

        return shown;
    }

    private static int Width(ResultTable result, int column) => result.Rows.Append(result.Columns).Max(row => Text.Printable(row[column]).Length) + 3;

    private static IAnsiConsole Create(Terminal terminal, TextWriter writer, bool screen)
    {
        var color = screen && terminal.Color;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = color ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = screen ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = screen ? terminal.Width : Math.Max(terminal.Width, 160);
        return console;
    }
}
