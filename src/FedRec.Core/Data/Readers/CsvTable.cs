using System.Globalization;

namespace FedRec.Core.Data.Readers;

/// <summary>Rows of named columns, read one after the other as text, whatever the format of the file.</summary>
internal interface ITable : IDisposable
{
    /// <summary>Names of the columns, in the order of the file; their places from 1 where the file has no names.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Where the current row is, from 1: its first line in a text file, its number in a Parquet file.</summary>
    long Line { get; }

    /// <summary>Fields of the current row; may differ from the number of columns in a text file.</summary>
    int FieldCount { get; }

    /// <summary>Why the current row has no fields; null when it has. A broken row leaves the rows after it whole.</summary>
    string? Fault => null;

    /// <summary>Goes to the next row that is not blank.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="DatasetException">The file is damaged.</exception>
    bool Read();

    /// <summary>A field of the current row; empty when it is missing or the column is −1. Valid until the next row.</summary>
    ReadOnlySpan<char> Field(int column);
}

/// <summary>Delimited text read row by row: with a first line that names the columns, or with columns that are called by their places.</summary>
internal sealed class CsvTable : ITable
{
    private readonly RecordReader _records;
    private bool _isFirstRow;

    private CsvTable(RecordReader records, IReadOnlyList<string> columns, bool isFirstRow) => (_records, Columns, _isFirstRow) = (records, columns, isFirstRow);

    /// <inheritdoc/>
    public long Line => _records.Line;

    /// <inheritdoc/>
    public int FieldCount => _records.FieldCount;

    /// <inheritdoc/>
    public string? Fault => _records.Fault;

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Reads the first row, which names the columns or tells how many there are.</summary>
    /// <param name="file">For errors.</param>
    /// <param name="records">At the first row; closed with the table.</param>
    /// <param name="header">Whether the first row names the columns.</param>
    /// <param name="fields">Columns of a file without a header; 0 for those of its first row.</param>
    /// <exception cref="DatasetException">There is no row, or the names cannot be read.</exception>
    public static CsvTable Open(string file, RecordReader records, bool header, int fields = 0)
    {
        if (!records.Read())
        {
            throw new DatasetException("The file is empty.", "Give a file with one interaction per line.", file);
        }

        if (records.Fault is { } fault && header)
        {
            throw new DatasetException($"The first line cannot be read: {fault}.", "Correct it: it names the columns.", file, records.Line);
        }

        var columns = Enumerable.Range(0, header || fields == 0 ? records.FieldCount : fields).Select(i => header ? Text(records, i).ToString() : (i + 1).ToString(CultureInfo.InvariantCulture)).ToList();
        return new CsvTable(records, columns, isFirstRow: !header);
    }

    /// <inheritdoc/>
    public bool Read()
    {
        if (_isFirstRow)
        {
            _isFirstRow = false;
            return true;
        }

        return _records.Read();
    }

    /// <inheritdoc/>
    public ReadOnlySpan<char> Field(int column) => (uint)column < (uint)_records.FieldCount ? Text(_records, column) : [];

    /// <summary>Closes the file.</summary>
    public void Dispose() => _records.Dispose();

    // Blanks around a field belong to it only where it is quoted.
    private static ReadOnlySpan<char> Text(RecordReader records, int field) => records.IsQuoted(field) ? records[field] : records[field].Trim();
}
