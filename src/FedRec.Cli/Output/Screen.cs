using System.Globalization;
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

/// <summary>An answer in rows: for people as a table, for programs as CSV.</summary>
/// <param name="Title">Over the table; not part of the CSV.</param>
/// <param name="Columns">Headings; a heading that begins with <c>&gt;</c> belongs to a column of numbers.</param>
internal sealed record ResultTable(string Title, params string[] Columns)
{
    private readonly List<string[]> _rows = [];

    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>Columns that people are spared; programs get them all.</summary>
    public ISet<int> Details { get; } = new HashSet<int>();

    /// <summary>Columns that people are spared where the table would be wider than the screen, the last ones first.</summary>
    public ISet<int> Secondary { get; } = new HashSet<int>();

    /// <summary>Lines under the table for people; not part of the CSV.</summary>
    public IList<string> Notes { get; } = [];

    public ResultTable Add(params string[] row)
    {
        _rows.Add(row.Length == Columns.Length ? row : throw new ArgumentException($"{row.Length} cells under {Columns.Length} headings.", nameof(row)));
        return this;
    }
}

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Text
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Fixed(double value, int digits = 4) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static string Percent(double share, int digits = 1) => Fixed(share * 100, digits) + " %";

    public static string Seconds(double seconds) => seconds < 1 ? $"{Fixed(seconds * 1000, seconds < 0.01 ? 1 : 0)} ms" : seconds < 120 ? $"{Fixed(seconds, 1)} s" : $"{Fixed(seconds / 60, 1)} min";

    public static string Bytes(double bytes) => bytes switch
    {
        < 1e3 => $"{Fixed(bytes, 0)} B",
        < 1e6 => $"{Fixed(bytes / 1e3, 1)} kB",
        < 1e9 => $"{Fixed(bytes / 1e6, 1)} MB",
        _ => $"{Fixed(bytes / 1e9, 2)} GB",
    };

    /// <summary>Text of others on a terminal: what would move the cursor, colour, ring, break the line or turn the order of the letters is shown as an
    /// escape such as <c>\\u001b</c>. For people only; JSON, and files for programs, carry ids as they are.</summary>
    public static string Printable(string text) => !text.Any(Commands) ? text
        : string.Concat(text.Select(sign => !Commands(sign) ? sign.ToString() : sign switch
        {
            '\t' => "\\t",
            '\n' => "\\n",
            '\r' => "\\r",
            _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)sign:x4}"),
        }));

    // Control characters, line and paragraph separators, and marks that turn the direction of what follows (CVE-2021-42574).
    private static bool Commands(char sign) => char.IsControl(sign) || sign is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u061C';

    public static string MeanAndSpread(double mean, double sd, int runs) => runs > 1 ? $"{Fixed(mean)} ± {Fixed(sd)}" : Fixed(mean);
}
