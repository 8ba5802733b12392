using System.Data.Common;
using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Data.Readers;
using Microsoft.Data.Sqlite;

namespace FedRec.Core.Tests.Data.Readers;

/// <summary>A query of a database is read as the same rows of a CSV file are, and changes nothing.</summary>
public sealed class DatabaseTableTests : IDisposable
{
    private const string Query = "SELECT customer AS user, product AS item, bought AS timestamp, stars AS rating FROM orders ORDER BY rowid";
    private readonly TempFolder _folder = new();

    static DatabaseTableTests() => DbProviderFactories.RegisterFactory("Microsoft.Data.Sqlite", SqliteFactory.Instance);

    private string Database => Path.Combine(_folder.Path, "shop.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("TEXT", "REAL", "INTEGER")]
    [InlineData("INTEGER", "INTEGER", "REAL")]
    public void Query_GivesTheDataThatACsvFileOfItsRowsGives(string user, string stars, string time)
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 400).Select(_ => (User: $"{random.Next(30)}", Item: $"p-{random.Next(20)}, \"x\"", Time: 1_700_000_000L + random.Next(100_000), Stars: random.Next(1, 6))).ToList();
        Make($"CREATE TABLE orders (customer {user}, product TEXT, bought {time}, stars {stars}, note TEXT)", rows);
        var csv = _folder.Write("shop.csv", "user,item,timestamp,rating\n" + string.Concat(rows.Select(row => $"{row.User},\"{row.Item.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{row.Time},{row.Stars}\n")));

        var (asked, written) = (Open(Query), DatasetSource.Open(new DatasetOptions { Path = csv }));

        Assert.Equal(DatasetHash.Of(written), DatasetHash.Of(asked));
        Assert.Equal("SQLite", asked.Report.Files.Single().Format);
    }

    [Theory]
    [InlineData("DELETE FROM orders RETURNING *")]
    [InlineData("UPDATE orders SET product = 'x' RETURNING customer AS user, product AS item")]
    [InlineData("INSERT INTO orders SELECT * FROM orders RETURNING *")]
    [InlineData("SELECT 1 AS user, 2 AS item; DELETE FROM orders")]
    [InlineData("DROP TABLE orders")]
    public void Query_ThatChangesSomething_ChangesNothing(string query)
    {
        Make("CREATE TABLE orders (customer TEXT, product TEXT, bought INTEGER, stars INTEGER, note TEXT)", [("u", "i", 1_700_000_000, 5)]);
        var before = File.ReadAllBytes(Database);

        Assert.Contains("shop.db", Assert.Throws<DatasetException>(() => Open(query)).Message, StringComparison.Ordinal);

        Assert.Equal(before, File.ReadAllBytes(Database));
        Assert.Equal(["shop.db"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("DELETE FROM orders RETURNING customer AS user, product AS item, bought AS timestamp")]
    [InlineData("SELECT customer AS user, product AS item, bought AS timestamp FROM orders; DELETE FROM orders")]
    public void Query_OfAnyProvider_ChangesNothing_ThoughItsConnectionMay(string query)
    {
        Make("CREATE TABLE orders (customer TEXT, product TEXT, bought INTEGER, stars INTEGER, note TEXT)", [.. Enumerable.Range(0, 300).Select(i => ($"u{i % 20}", $"i{i % 15}", 1_700_000_000L + i, 5))]);
        var before = DatasetHash.Of(Open(Query));

        try
        {
            OpenByProvider(query);
        }
        catch (DatasetException)
        {
            // more than one statement
        }

        Assert.Equal(before, DatasetHash.Of(Open(Query)));
    }

    [Fact]
    public void Query_OfAnyProvider_GivesWhatTheSameQueryOfTheFileGives()
    {
        Make("CREATE TABLE orders (customer TEXT, product TEXT, bought INTEGER, stars INTEGER, note TEXT)", [.. Enumerable.Range(0, 300).Select(i => ($"u{i % 20}", $"i{i % 15}", 1_700_000_000L + i, 5))]);

        var asked = OpenByProvider(Query);

        Assert.Equal(DatasetHash.Of(Open(Query)), DatasetHash.Of(asked));
    }

    [Theory]
    [InlineData("Data Source=/no-folder/no.db", "cannot be opened", "connection string")]
    [InlineData("Nothing=1", "cannot be opened", "connection string")]
    public void Connection_ThatLeadsNowhere_IsRefusedWithWhatToDo(string words, string what, string next)
    {
        var message = Assert.Throws<DatasetException>(() => OpenByProvider(Query, words)).Message;

        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains(next, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Provider_WithoutAQueryOrUnknown_IsRefused()
    {
        Assert.Contains("no query", Assert.Throws<ArgumentException>(() => new ReadingOptions { Provider = "x" }.Check()).Message, StringComparison.Ordinal);
        Assert.Contains("does not know the database provider nobody", Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = _folder.Write("words.txt", "x=1"), Reading = new ReadingOptions { Query = Query, Provider = "nobody" } })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "orders", "--query")]
    [InlineData("SELECT nobody AS user, product AS item FROM orders", "nobody", "Correct the query")]
    [InlineData("SELEC", "SELEC", "Correct the query")]
    [InlineData("SELECT customer AS user, x'00ff' AS item FROM orders", "'item'", "cast it to text")]
    [InlineData("SELECT customer AS who, product AS what FROM orders", "user", "column")]
    public void Query_ThatIsNone_IsRefusedWithWhatToDo(string? query, string what, string next)
    {
        Make("CREATE TABLE orders (customer TEXT, product TEXT, bought INTEGER, stars INTEGER, note TEXT)", [("u", "i", 1_700_000_000, 5)]);

        var message = Assert.Throws<DatasetException>(() => Open(query)).Message;

        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains(next, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Query_OfAFileThatIsNoDatabase_IsRefused() =>
        Assert.Contains("no database", Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = _folder.Write("data.csv", "user,item\n1,2\n"), Reading = new ReadingOptions { Query = Query } })).Message, StringComparison.Ordinal);

    [Fact]
    public void Rows_WithEmptyCells_AreBadRows()
    {
        Make("CREATE TABLE orders (customer TEXT, product TEXT, bought INTEGER, stars INTEGER, note TEXT)", [.. Enumerable.Range(0, 300).Select(i => ($"u{i % 20}", $"i{i % 15}", 1_700_000_000L + i, 5))]);
        Execute("INSERT INTO orders VALUES (NULL, 'i1', 1700000000, 1, NULL)");

        var report = Open(Query).Report;

        Assert.Equal((301, 1), (report.Rows, report.BadRows));
    }

    private Dataset Open(string? query) => DatasetSource.Open(new DatasetOptions { Path = Database, Reading = new ReadingOptions { Query = query } });

    private Dataset OpenByProvider(string query, string? words = null) => DatasetSource.Open(new DatasetOptions
    {
        Path = _folder.Write("words.txt", (words ?? $"Data Source={Database};Pooling=False") + "\n"),
        Reading = new ReadingOptions { Query = query, Provider = "Microsoft.Data.Sqlite" },
    });

    private void Make(string table, IReadOnlyList<(string User, string Item, long Time, int Stars)> rows)
    {
        Execute(table);
        using var connection = Connect();
        using var transaction = connection.BeginTransaction();
        foreach (var (user, item, time, stars) in rows)
        {
            using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO orders VALUES ($user, $item, $time, $stars, 'not read')";
            insert.Parameters.AddWithValue("$user", user);
            insert.Parameters.AddWithValue("$item", item);
            insert.Parameters.AddWithValue("$time", time.ToString(CultureInfo.InvariantCulture));
            insert.Parameters.AddWithValue("$stars", stars);
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private void Execute(string command)
    {
        using var connection = Connect();
        using var execute = connection.CreateCommand();
        execute.CommandText = command;
        execute.ExecuteNonQuery();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }
}
