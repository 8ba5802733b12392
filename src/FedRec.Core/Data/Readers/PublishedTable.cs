using System.Globalization;

namespace FedRec.Core.Data.Readers;

/// <summary>A CSV table of a published data set, whose columns are read by name.</summary>
public sealed class PublishedTable : IDisposable
{
    private readonly string _file;
    private readonly ITable _table;
    private readonly Dictionary<string, int> _columns;

    private PublishedTable(string file, ITable table, Dictionary<string, int> columns) => (_file, _table, _columns) = (file, table, columns);

    /// <summary>A field of the current row as text.</summary>
    public string this[string column] => _table.Field(_columns[column]).ToString();

    /// <summary>Opens a table of a folder.</summary>
    /// <exception cref="DatasetException">The file or a column is missing.</exception>
    public static PublishedTable Open(string folder, string name, params ReadOnlySpan<string> columns)
    {
        var file = Path.Combine(folder, name);
        var table = TableFile.Open(file, ',');
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            positions[column] = table.Columns.ToList().FindIndex(c => c.Equals(column, StringComparison.OrdinalIgnoreCase));
            if (positions[column] < 0)
            {
                table.Dispose();
                throw new DatasetException($"The table has no column {column}; its columns are {string.Join(", ", table.Columns)}.", "Use the table as it is published.", file, 1);
            }
        }

        return new PublishedTable(file, table, positions);
    }

    /// <summary>Goes to the next row.</summary>
    /// <exception cref="DatasetException">It cannot be read.</exception>
    public bool Read()
    {
        var found = _table.Read();
        return found && _table.Fault is { } fault ? throw new DatasetException($"The row cannot be read: {fault}.", "Correct the row, or use the table as it is published.", _file, _table.Line) : found;
    }

    /// <summary>A time in seconds; null where it is missing.</summary>
    /// <exception cref="DatasetException">It is no time.</exception>
    public long? Time(string column) => this[column].Length == 0 ? null : new DateTimeOffset(Date(column), TimeSpan.Zero).ToUnixTimeSeconds();

    /// <summary>A date.</summary>
    /// <exception cref="DatasetException">It is missing or no date.</exception>
    public DateTime Date(string column) =>
        DateTime.TryParse(this[column], CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : throw Missing(column);

    /// <summary>The error of a row whose field cannot be used.</summary>
    public DatasetException Missing(string column) => new($"The column {column} holds '{this[column]}', which is no date.", "Correct or remove the row.", _file, _table.Line);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _table.Dispose();
}
