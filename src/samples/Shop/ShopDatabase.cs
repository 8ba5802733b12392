using Microsoft.Data.Sqlite;

namespace Shop;

/// <summary>Something that is sold.</summary>
/// <param name="Id">Such as <c>p7</c>.</param>
/// <param name="Title">What it is.</param>
/// <param name="Kind">Shelf it stands on.</param>
internal sealed record Product(string Id, string Title, string Kind);

/// <summary>Somebody who orders.</summary>
/// <param name="Id">Such as <c>c12</c>.</param>
/// <param name="Name">As the customer has given it; only the shop knows it.</param>
internal sealed record Customer(string Id, string Name);

/// <summary>An order of one product.</summary>
/// <param name="Customer">Who.</param>
/// <param name="Product">What.</param>
/// <param name="At">When, in seconds since 1970.</param>
internal sealed record Order(string Customer, string Product, long At);

/// <summary>The shop's own records, in SQLite; FedRec knows nothing of it.</summary>
internal sealed class ShopDatabase
{
    private readonly string _connection;

    /// <param name="file">Made, with a catalogue and a first year of orders, when it is missing.</param>
    public ShopDatabase(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        _connection = new SqliteConnectionStringBuilder { DataSource = file }.ConnectionString;
        using var connection = Open();
        Execute(connection, """
            CREATE TABLE IF NOT EXISTS products (id TEXT PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, name TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS orders (customer TEXT NOT NULL REFERENCES customers, product TEXT NOT NULL REFERENCES products, at INTEGER NOT NULL);
            """);
        if (Read(connection, "SELECT COUNT(*) FROM products", row => row.GetInt64(0))[0] == 0)
        {
            FirstYear.Fill(connection);
        }
    }

    public IReadOnlyList<Product> Products() => Query("SELECT id, title, kind FROM products ORDER BY kind, title", row => new Product(row.GetString(0), row.GetString(1), row.GetString(2)));

    public IReadOnlyList<Order> Orders() => Query("SELECT customer, product, at FROM orders ORDER BY at, customer, product", row => new Order(row.GetString(0), row.GetString(1), row.GetInt64(2)));

    public IReadOnlyList<Customer> SomeCustomers() => Query("SELECT id, name FROM customers ORDER BY rowid LIMIT 8", ToCustomer);

    public Customer? FindCustomer(string id) => Query("SELECT id, name FROM customers WHERE id = $1", ToCustomer, id).FirstOrDefault();

    public Product? FindProduct(string id) => Query("SELECT id, title, kind FROM products WHERE id = $1", row => new Product(row.GetString(0), row.GetString(1), row.GetString(2)), id).FirstOrDefault();

    public Customer AddCustomer(string name)
    {
        using var connection = Open();
        return Read(connection, "INSERT INTO customers SELECT 'c' || (COUNT(*) + 1), $1 FROM customers RETURNING id, name", ToCustomer, name)[0];
    }

    public Order AddOrder(string customer, string product, DateTimeOffset at)
    {
        var order = new Order(customer, product, at.ToUnixTimeSeconds());
        using var connection = Open();
        Execute(connection, "INSERT INTO orders VALUES ($1, $2, $3)", order.Customer, order.Product, order.At);
        return order;
    }

    internal static void Execute(SqliteConnection connection, string sql, params object[] values)
    {
        using var command = Command(connection, sql, values);
        command.ExecuteNonQuery();
    }

    private static Customer ToCustomer(SqliteDataReader row) => new(row.GetString(0), row.GetString(1));

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        return connection;
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params object[] values)
    {
        using var connection = Open();
        return Read(connection, sql, read, values);
    }

    private static List<T> Read<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params object[] values)
    {
        using var command = Command(connection, sql, values);
        using var rows = command.ExecuteReader();
        var list = new List<T>();
        while (rows.Read())
        {
            list.Add(read(rows));
        }

        return list;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, object[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql; // no word of a caller is ever in it: these are parameters
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        }

        return command;
    }
}
