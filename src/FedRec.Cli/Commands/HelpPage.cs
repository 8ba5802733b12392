using System.Collections;
using System.CommandLine;
using System.Globalization;

namespace FedRec.Cli.Commands;

/// <summary>The page of one value of an option.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="Rows">What there is, and what it does.</param>
/// <param name="Next">Where the rest is.</param>
internal sealed record HelpTopic(string Title, IReadOnlyList<(string Label, string Text)> Rows, string Next);

/// <summary>Writes help as the library lays it out, but with the options in groups.</summary>
/// <param name="output">Where to.</param>
/// <param name="width">Of the terminal.</param>
internal sealed class HelpPage(TextWriter output, int width)
{
    private const int LabelWidth = 28;
    private const int MaxWidth = 130; // longer lines are hard to read
    private readonly int _textWidth = Math.Min(width, MaxWidth) - LabelWidth - 4;

    /// <summary>Writes the whole help of a verb, but for the examples.</summary>
    public void Write(ParseResult line, IReadOnlyList<OptionGroup> groups)
    {
        var command = line.CommandResult.Command;
        Heading("Description", Wrap(command.Description ?? "", LabelWidth + 2 + _textWidth));
        Heading("Usage", [string.Join(' ', [UsageErrors.Path(line), .. command.Arguments.Select(Usage), "[options]"])]);
        Rows("Arguments", command.Arguments.Select(argument => ($"<{argument.Name}>", argument.Description ?? "")));
        foreach (var group in groups)
        {
            Rows(group.Title, group.Options.Select(Row), group.Note);
        }

        Rows("Every command", line.RootCommandResult.Command.Options.Where(option => option.Recursive).Select(Row));
    }

    /// <summary>Writes the page of one value.</summary>
    public void Write(HelpTopic topic)
    {
        Rows(topic.Title, topic.Rows);
        output.WriteLine(topic.Next);
        output.WriteLine();
    }

    /// <summary>Writes command lines to learn from.</summary>
    public void WriteExamples(IReadOnlyList<string> examples)
    {
        if (examples.Count > 0)
        {
            Heading("Examples", examples);
        }
    }

    private static string Usage(Argument argument) => argument.Arity.MinimumNumberOfValues == 0 ? $"[<{argument.Name}>]" : $"<{argument.Name}>";

    private static (string Label, string Text) Row(Option option)
    {
        var names = string.Join(", ", option.Aliases.OrderBy(alias => alias.Length).Append(option.Name));
        var value = option.HelpName is { } word ? $" <{word}>" : "";
        var standard = option.HasDefaultValue ? Standard(option.GetDefaultValue()) : "";
        return ($"{names}{value}", $"{option.Description}{(option.Required ? " (required)" : "")}{(standard.Length > 0 ? $" [default: {standard}]" : "")}");
    }

    private static string Standard(object? value) => value switch
    {
        null or false => "",
        string text => text,
        IEnumerable many => string.Join(',', many.Cast<object>().Select(Standard)),
        TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds}s"),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private void Heading(string title, IEnumerable<string> lines)
    {
        output.WriteLine($"{title}:");
        foreach (var line in lines)
        {
            output.WriteLine($"  {line}");
        }

        output.WriteLine();
    }

    // A label that is too long for its column has a line of its own.
    private void Rows(string title, IEnumerable<(string Label, string Text)> rows, string? note = null)
    {
        var lines = rows.SelectMany(row => Wrap(row.Text, _textWidth) is var wrapped && row.Label.Length > LabelWidth
            ? wrapped.Select(Indented).Prepend(row.Label)
            : wrapped.Skip(1).Select(Indented).Prepend($"{row.Label.PadRight(LabelWidth)}  {wrapped[0]}".TrimEnd()));
        var all = (note is null ? lines : lines.Append(note)).ToList();
        if (all.Count > 0)
        {
            Heading(title, all);
        }
    }

    private static List<string> Wrap(string text, int width)
    {
        List<string> lines = [""];
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines[^1].Length == 0)
            {
                lines[^1] = word;
            }
            else if (lines[^1].Length + 1 + word.Length <= width)
            {
                lines[^1] += " " + word;
            }
            else
            {
                lines.Add(word);
            }
        }

        return lines;
    }

    private static string Indented(string text) => new string(' ', LabelWidth + 2) + text;
}
