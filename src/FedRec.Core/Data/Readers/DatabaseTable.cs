using System.Data.Common;
using System.Globalization;

namespace FedRec.Core.Data.Readers;

/// <summary>The rows of a query of a SQLite database, one after the other; the database is opened to be read, and nothing can be changed through it.</summary>
/// <remarks>Cells are given as the text that a CSV file of the same rows would hold, as those of <see cref="ParquetTable"/> are. The process registers the provider:
/// <c>DbProviderFactories.RegisterFactory("Microsoft.Data.Sqlite", SqliteFactory.Instance)</c>; this assembly brings none.</remarks>
internal sealed class DatabaseTable : ITable
{
    private const string Provider = "Microsoft.Data.Sqlite";
    private const int SampleSize = 60;
    private readonly string _file;
    private readonly DbConnection _connection;
    private readonly DbCommand _command; // its rows end with it
    private readonly DbDataReader _rows;
    private string[] _cells = [];

    private DatabaseTable(string file, DbConnection connection, DbCommand command, DbDataReader rows)
    {
        (_file, _connection, _command, _rows) = (file, connection, command, rows);
        Columns = [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public long Line { get; private set; }

    /// <inheritdoc/>
    public int FieldCount => Columns.Count;

    /// <summary>Asks a database.</summary>
    /// <param name="file">The file.</param>
    /// <param name="query">What is asked, in SQL; null to be told what could be.</param>
    /// <exception cref="DatasetException">The database cannot be opened, or not answer the query, which the error says; or there is no query.</exception>
    public static DatabaseTable Open(string file, string? query)
    {
        var connection = Connect(file);
        try
        {
            var command = connection.CreateCommand();
            command.CommandText = query ?? throw WithoutQuery(file, connection);
            var rows = command.ExecuteReader();
            return rows.FieldCount > 0 ? new DatabaseTable(file, connection, command, rows)
                : throw new DatasetException("The query has no rows.", "Give a query that begins with SELECT, or with WITH.", file);
        }
        catch (DbException e)
        {
            connection.Dispose();
            throw new DatasetException($"The database does not answer the query: {e.Message}", "Correct the query; it may only read, and its columns are those of a file of interactions.", file, inner: e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The text of the first rows.</summary>
    public static IReadOnlyList<string[]> Sample(string file, string? query)
    {
        using var table = Open(file, query);
        var rows = new List<string[]>();
        while (rows.Count < SampleSize && table.Read())
        {
            rows.Add(table._cells);
        }

        return rows;
    }

    /// <inheritdoc/>
    public bool Read()
    {
        try
        {
            if (!_rows.Read())
            {
                return _rows.NextResult() ? throw new DatasetException("The query is more than one statement.", "Give one that begins with SELECT, or with WITH.", _file) : false;
            }
        }
        catch (DbException e)
        {
            throw new DatasetException($"The database does not go on with the query: {e.Message}", "Ask it again; nothing was changed.", _file, Line + 1, e);
        }

        Line++;
        _cells = [.. Columns.Select((name, column) => Text(name, _rows.GetValue(column)))];
        return true;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<char> Field(int column) => (uint)column < (uint)_cells.Length ? _cells[column] : [];

    /// <summary>Closes the database.</summary>
    public void Dispose()
    {
        _rows.Dispose();
        _command.Dispose();
        _connection.Dispose();
    }

    private static DbConnection Connect(string file)
    {
        if (!DbProviderFactories.TryGetFactory(Provider, out var factory))
        {
            throw new DatasetException($"This program reads no databases: the provider {Provider} is not registered.", "Give the rows as CSV or Parquet, or use the command line fedrec.", file);
        }

        var words = factory.CreateConnectionStringBuilder()!;
        (words["Data Source"], words["Mode"], words["Pooling"]) = (Path.GetFullPath(file), "ReadOnly", false);
        var connection = factory.CreateConnection()!;
        connection.ConnectionString = words.ConnectionString;
        try
        {
            connection.Open();
            return connection;
        }
        catch (DbException e)
        {
            connection.Dispose();
            throw new DatasetException($"The database cannot be opened: {e.Message}", "Check the file and its permissions.", file, inner: e);
        }
    }

    private static DatasetException WithoutQuery(string file, DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name";
        using var rows = command.ExecuteReader();
        var tables = new List<string>();
        while (rows.Read())
        {
            tables.Add(rows.GetString(0));
        }

        return new($"The file is a database with {(tables.Count == 0 ? "no tables" : string.Join(", ", tables))}, and it is not said what to read of it.",
            "Give a query, such as --query 'SELECT customer AS user, product AS item, bought AS timestamp FROM orders', where the verb has that option.", file);
    }

    // A time without a zone is UTC, as in text files.
    private string Text(string column, object value) => value switch
    {
        DBNull => "",
        string text => text,
        DateTime time => ((decimal)(time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond).ToString(CultureInfo.InvariantCulture),
        byte[] => throw new DatasetException($"The column '{column}' holds bytes, which are no value of an interaction.", "Leave it out of the query, or cast it to text.", _file, Line),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new DatasetException($"The column '{column}' holds values of the type {value.GetType().Name}, which have no text.", "Leave it out of the query, or cast it to text.", _file, Line),
    };
}
