using Microsoft.Data.Sqlite;

namespace Shop;

/// <summary>A made-up catalogue and a made-up first year: each customer has two favourite shelves and seldom buys from another.</summary>
internal static class FirstYear
{
    private const int Customers = 120;
    private const int OrdersOfEach = 9;
    private static readonly string[] s_kinds = ["Garden", "Kitchen", "Music", "Outdoors", "Paper", "Workshop"];
    private static readonly string[] s_qualities = ["Small", "Large", "Blue", "Folding", "Oak", "Steel", "Travelling", "Old-fashioned"];
    private static readonly string[] s_things = ["trowel", "casserole", "harmonica", "lantern", "notebook", "plane"];
    private static readonly string[] s_names = ["Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana"];

    public static void Fill(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        for (var i = 0; i < s_kinds.Length * s_qualities.Length; i++)
        {
            var kind = i / s_qualities.Length;
            ShopDatabase.Execute(connection, "INSERT INTO products VALUES ($1, $2, $3)", $"p{i + 1}", $"{s_qualities[i % s_qualities.Length]} {s_things[kind]}", s_kinds[kind]);
        }

        var random = new Random(2_026);
        for (var i = 0; i < Customers; i++)
        {
            ShopDatabase.Execute(connection, "INSERT INTO customers VALUES ($1, $2)", $"c{i + 1}", $"{s_names[i % s_names.Length]} {(char)('A' + (i / s_names.Length))}.");
            AddOrders(connection, i, random);
        }

        transaction.Commit();
    }

    private static void AddOrders(SqliteConnection connection, int customer, Random random)
    {
        var favourites = new[] { customer % s_kinds.Length, (customer / 2 % (s_kinds.Length - 1) + customer + 1) % s_kinds.Length };
        for (var order = 0; order < OrdersOfEach; order++)
        {
            var kind = random.Next(5) > 0 ? favourites[order % 2] : random.Next(s_kinds.Length);
            var product = (kind * s_qualities.Length) + random.Next(s_qualities.Length);
            ShopDatabase.Execute(connection, "INSERT INTO orders VALUES ($1, $2, $3)", $"c{customer + 1}", $"p{product + 1}", 1_735_689_600 + (order * 3_000_000) + random.Next(2_900_000));
        }
    }
}
