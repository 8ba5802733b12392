using Spectre.Console;

namespace FedRec.Cli.Output;

/// <summary>Consoles over the terminal's writers, with colours only where they are wanted.</summary>
internal static class Screen
{
    public static IAnsiConsole Out(Terminal terminal) => Create(terminal, terminal.Out, terminal.OutIsScreen);

    public static IAnsiConsole Error(Terminal terminal) => Create(terminal, terminal.Error, terminal.ErrorIsScreen);

    /// <summary>A table with its title above and its notes below.</summary>
    public static void Write(IAnsiConsole console, ResultTable result)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowRowSeparators = false };
        foreach (var heading in result.Columns)
        {
            var column = new TableColumn(Markup.Escape(heading.TrimStart('>'))) { NoWrap = true };
            table.AddColumn(heading.StartsWith('>') ? column.RightAligned() : column);
        }

        foreach (var row in result.Rows)
        {
            table.AddRow([.. row.Select(cell => new Markup(Markup.Escape(cell)))]);
        }

        if (result.Title.Length > 0)
        {
            console.MarkupLineInterpolated($"[bold]{result.Title}[/]");
        }

        console.Write(table);
        foreach (var note in result.Notes)
        {
            console.WriteLine(note);
        }
    }

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
