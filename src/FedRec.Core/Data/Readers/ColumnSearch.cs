using System.Globalization;

namespace FedRec.Core.Data.Readers;

/// <summary>Looks for the columns of one file, none of which says two things.</summary>
/// <param name="file">For errors.</param>
/// <param name="table">Its columns, and its first rows to look at.</param>
internal sealed class ColumnSearch(string file, InteractionTable table)
{
    private const double Most = 0.8;
    private readonly HashSet<int> _taken = [];
    private readonly List<string> _notes = [];

    private IReadOnlyList<string> Columns => table.Rows.Columns;

    /// <summary>What was in doubt.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The column that the user names; null when none is named, −1 when there shall be none.</summary>
    /// <exception cref="DatasetException">There is no such column.</exception>
    public int? Given(string option, string? column)
    {
        if (column is null or ReadingOptions.None)
        {
            return column is null ? null : -1;
        }

        var place = Columns.ToList().FindIndex(name => name == column);
        place = place >= 0 ? place : Columns.ToList().FindIndex(name => name.Equals(column, StringComparison.OrdinalIgnoreCase));
        if (place < 0 && int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= Columns.Count)
        {
            place = number - 1;
        }

        return Take(place >= 0 ? place : throw new DatasetException(
            $"{option} is '{column}', and there is no such column; {Shown}.", table.HasHeader ? "Give one of these names, or a place from 1." : $"Give a place from 1 to {Columns.Count}.", file));
    }

    /// <summary>The column of one of the usual names; −1 when there is none that may lack.</summary>
    /// <exception cref="DatasetException">There is none, and it may not lack.</exception>
    public int Named(string use, string[] aliases)
    {
        var free = Columns.Select((name, place) => _taken.Contains(place) ? "" : name).ToList();
        var place = ColumnAliases.Find(free, aliases);
        if (place < 0)
        {
            return use is not ("user" or "item") ? -1 : throw Missing(use, aliases);
        }

        free[place] = "";
        if (use is not ("split" or "party") && ColumnAliases.Find(free, aliases) is >= 0 and var other)
        {
            _notes.Add($"The {use} is the column '{Columns[place]}' and not '{Columns[other]}'{(use is "split" or "party" ? "" : $"; --{use}-column says otherwise")}.");
        }

        return Take(place);
    }

    /// <summary>The column of times: that of a usual name, else the only one that holds times.</summary>
    public int NamedOrTime()
    {
        if (Named("time", ColumnAliases.Timestamp) is >= 0 and var named)
        {
            return named;
        }

        var found = Enumerable.Range(0, Columns.Count).Where(place => !_taken.Contains(place) && HoldsTimes(place)).ToList();
        if (found is not [var only])
        {
            if (found.Count > 1)
            {
                _notes.Add($"Several columns hold times ({string.Join(", ", found.Select(place => $"'{Columns[place]}'"))}), and none of them is used: say which with --time-column.");
            }

            return -1;
        }

        _notes.Add($"The time is the column '{Columns[only]}', by what is in it; --time-column says otherwise.");
        return Take(only);
    }

    /// <summary>The next column from the left that says nothing yet.</summary>
    /// <exception cref="DatasetException">There is none.</exception>
    public int Next(string use)
    {
        var place = Enumerable.Range(0, Columns.Count).FirstOrDefault(place => !_taken.Contains(place), -1);
        return Take(place >= 0 ? place : throw new DatasetException(
            $"The lines have {Columns.Count} field{(Columns.Count == 1 ? "" : "s")}{(table.Separator.Length == 0 ? "" : $" with {table.Separator} between them")}, and none is left for the {use}.",
            "Give lines with a user and an item, or say what stands between them with --separator.", file, table.Rows.Line));
    }

    /// <summary>The first column from the left that says nothing yet and holds certain words, but for a bad row here and there; −1 when there is none.</summary>
    public int Holding(Func<string, bool> isMeant)
    {
        var place = Enumerable.Range(0, Columns.Count).FirstOrDefault(place => !_taken.Contains(place) && MostAre(WordsOf(place), isMeant), -1);
        return place < 0 ? place : Take(place);
    }

    // Numbers may be anything; only a name makes times of them.
    private bool HoldsTimes(int place) => WordsOf(place) is var words && MostAre(words, InteractionColumns.IsRecent)
        && (ColumnAliases.SpeaksOfTime(Columns[place]) || !words.Exists(InteractionColumns.IsNumber));

    private static bool MostAre(List<string> words, Func<string, bool> isMeant) => words.Count > 0 && words.Count(isMeant) >= Most * words.Count;

    private List<string> WordsOf(int place) => [.. table.Sample.Where(row => place < row.Length && row[place].Length > 0).Select(row => row[place])];

    private int Take(int place)
    {
        _taken.Add(place);
        return place;
    }

    private string Shown => Columns.Count == 0 ? "it has none" : $"{(table.HasHeader ? "the columns are" : "columns are called by their places")}: {string.Join(", ", Columns.Select(name => $"'{name}'"))}";

    private DatasetException Missing(string use, string[] aliases) => new(
        $"{(ParquetTable.HasExtension(file) ? "The file" : "The first line")} has no column for the {use}; its columns are: {string.Join(", ", Columns.Select(c => $"'{c}'"))}.",
        $"Say which it is with --{use}-column, by name or by place; or name the columns, such as user,item,rating,timestamp ({use} may also be called {string.Join(", ", aliases.Where(alias => alias != use).Take(6))}); or say that the first line is data with --no-header.",
        file,
        ParquetTable.HasExtension(file) ? null : table.Rows.Line is > 0 and var line ? line : 1);
}
