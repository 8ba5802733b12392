using System.Globalization;
using FedRec.Core.Data.Cleaning;

namespace FedRec.Core.Data;

/// <summary>Counts the rows of a file and remembers why some were refused.</summary>
/// <param name="file">Path as given by the user.</param>
/// <param name="rows">Good rows that are known already.</param>
internal sealed class RowTally(string file, long rows = 0)
{
    private const int MaxExamples = 20;
    private readonly List<BadRow> _examples = [];
    private readonly List<FileReport> _files = [];
    private readonly List<string> _notes = [];
    private string? _current;

    /// <summary>Path as given by the user.</summary>
    public string File => file;

    /// <summary>Rows that cleaning removed; null when nothing was cleaned.</summary>
    public RemovedRows? Removed { get; private set; }

    /// <summary>Rows read, good and bad.</summary>
    public long Rows { get; private set; } = rows;

    /// <summary>Rows refused.</summary>
    public long BadRows { get; private set; }

    /// <summary>What was left out, for the reader of a result; empty when nothing was.</summary>
    public string BadRowsInWords => BadRows == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {BadRows:N0} of {Rows:N0} rows are bad and left out");

    /// <summary>Says which file the next rows are of; unless it is said, that of the tally.</summary>
    public void Begin(string current) => _current = current;

    /// <summary>Counts a row that will be accepted or refused.</summary>
    public void Count() => Rows++;

    /// <summary>Refuses the row just counted.</summary>
    public void Refuse(long line, string reason)
    {
        BadRows++;
        if (_examples.Count < MaxExamples)
        {
            _examples.Add(new BadRow(_current ?? file, line, reason));
        }
    }

    /// <summary>Keeps what was found out about a file that was read.</summary>
    public void Describe(FileReport report, IEnumerable<string> notes)
    {
        _files.Add(report);
        _notes.AddRange(notes.Where(note => !_notes.Contains(note))); // parties often have the same columns
    }

    /// <summary>Counts rows that cleaning removed.</summary>
    public void Remove(RemovedRows rows) => Removed = Removed?.Plus(rows) ?? rows;

    /// <summary>What was left out because it occurs too rarely; null when that was not asked for.</summary>
    public FilteredRows? Filtered { get; private set; }

    /// <summary>Says what was left out because it occurs too rarely.</summary>
    public void Filter(FilteredRows rows) => Filtered = rows;

    /// <summary>Adds a sentence to the report.</summary>
    public void Note(string note) => _notes.Add(note);

    /// <summary>Fails when nothing is left, or when so much is bad that the file is probably not what the user thinks.</summary>
    /// <param name="maxBadRowShare">Share above which it fails, in [0, 1].</param>
    /// <exception cref="DatasetException">No usable row, or too many bad ones.</exception>
    public void Check(double maxBadRowShare)
    {
        if (Rows == 0)
        {
            throw new DatasetException("The file holds no interactions.", "Give a file with one interaction per line.", file);
        }

        if (BadRows > maxBadRowShare * Rows)
        {
            var examples = string.Join("; ", _examples.Take(3).Select(e => e.Where(file)));
            throw new DatasetException(
                FormattableString.Invariant($"{BadRows} of {Rows} rows are bad, more than the share of {maxBadRowShare} that is allowed; {examples}."),
                "Correct the rows or allow a larger share of bad rows.",
                _examples[0].File,
                _examples[0].Line);
        }

        if (BadRows == Rows)
        {
            throw new DatasetException($"None of {Rows} rows is usable; {_examples[0].Where(file)}.", "Correct the rows.", _examples[0].File, _examples[0].Line);
        }
    }

    /// <summary>The report, once the duplicates are known.</summary>
    public LoadReport Report(long duplicates) => new(Rows, duplicates, BadRows, _examples)
    {
        Removed = Removed,
        Files = _files,
        Filtered = Filtered,
        Notes = [.. Removed is null ? (string[])[] : [Removed.ToString()], .. Filtered is null ? (string[])[] : [Filtered.ToString()], .. _notes],
    };
}
