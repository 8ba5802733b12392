using System.Data.Common;
using System.Globalization;

namespace FedRec.Core.Data.Readers;

/// <summary>The rows of a query of a database, one after the other: of a SQLite file, or of any database that has a provider for ADO.NET.</summary>
/// <remarks>Nothing is changed through it: a SQLite file is opened to be read, and any other database is asked within a transaction that is always rolled back.
/// Cells are given as the text that a CSV file of the same rows would hold, as those of <see cref="ParquetTable"/> are. The process registers the provider:
/// <c>DbProviderFactories.RegisterFactory("Microsoft.Data.Sqlite", SqliteFactory.Instance)</c>; this assembly brings none.</remarks>
internal sealed class DatabaseTable : ITable
{
    private const string Provider = "Microsoft.Data.Sqlite";
    private const int SampleSize = 60;
    private readonly string _file;
    private readonly DbConnection _connection;
    private readonly DbTransaction? _transaction;
    private readonly DbCommand _command; // its rows end with it
    private readonly DbDataReader _rows;
    private string[] _cells = [];

    private DatabaseTable(string file, DbConnection connection, DbCommand command, DbDataReader rows)
    {
        (_file, _connection, _transaction, _command, _rows) = (file, connection, command.Transaction, command, rows);
        Columns = [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public long Line { get; private set; }

    /// <inheritdoc/>
    public int FieldCount => Columns.Count;

    /// <summary>Asks a database.</summary>
    /// <param name="file">The database, or for a provider the file with the connection string.</param>
    /// <param name="query">What is asked, in SQL; null to be told what could be.</param>
    /// <param name="provider">Name by which this process knows the provider; null for a SQLite file.</param>
    /// <exception cref="DatasetException">The database cannot be opened, or not answer the query, which the error says; or there is no query.</exception>
    public static DatabaseTable Open(string file, string? query, string? provider)
    {
        var connection = provider is null ? Connect(file) : Connect(file, provider);
        try
        {
            var command = connection.CreateCommand();
            command.Transaction = provider is null ? null : connection.BeginTransaction();
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
    public static IReadOnlyList<string[]> Sample(string file, string? query, string? provider)
    {
        using var table = Open(file, query, provider);
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
        _transaction?.Dispose(); // and with it whatever the query did
        _connection.Dispose();
    }

    private static DbConnection Connect(string file)
    {
        var factory = FactoryOf(Provider, file);
        var words = factory.CreateConnectionStringBuilder()!;
        (words["Data Source"], words["Mode"], words["Pooling"]) = (Path.GetFullPath(file), "ReadOnly", false);
        return Connect(factory, words.ConnectionString, file, "Check the file and its permissions.");
    }

    private static DbConnection Connect(string file, string provider)
    {
        using var text = DataFile.OpenText(file);
        return Connect(FactoryOf(provider, file), text.ReadToEnd().Trim(), file, "Check the connection string in the file, and that the database can be reached from here.");
    }

    private static DbConnection Connect(DbProviderFactory factory, string words, string file, string next)
    {
        var connection = factory.CreateConnection()!;
        try
        {
            connection.ConnectionString = words;
            connection.Open();
            return connection;
        }
        catch (Exception e) when (e is DbException or ArgumentException or InvalidOperationException)
        {
            connection.Dispose();
            throw new DatasetException($"The database cannot be opened: {e.Message.Split('\n')[0]}", next, file, inner: e);
        }
    }

    private static DbProviderFactory FactoryOf(string provider, string file) => DbProviderFactories.TryGetFactory(provider, out var factory) ? factory
        : throw new DatasetException($"This program does not know the database provider {provider}.", "Give the rows as CSV or Parquet, or use the command line fedrec.", file);

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
