using System.Globalization;

namespace FedRec.Core.Data.Features;

/// <summary>Finds what is known of the users beside their items, in the files that data sets bring along.</summary>
/// <remarks>Features stay where the interactions are: learners that read them train on them locally. What the columns mean, and the words of a
/// categorical one, must be agreed; here they are found in the file. Words of fewer than five users are no part of what is agreed, as they
/// would point at people; so zip codes of MovieLens are not read.</remarks>
internal static class UserFeatureReader
{
    private const int FewestUsers = 5, MostWords = 64;
    private const string MovieLensTab = "u.user", MovieLensDat = "users.dat";

    /// <summary>Reads the first of <c>users.csv</c>, <c>users.tsv</c>, <c>users.parquet</c>, <c>u.user</c>, <c>users.dat</c> in a folder.</summary>
    /// <param name="folder">The folder of the interactions.</param>
    /// <param name="users">The users that features are wanted of.</param>
    /// <returns>A row for each user, missing values for those that are not listed; null when there is no such file or no column in it.</returns>
    /// <exception cref="DatasetException">No listed user is one of the data, or a user is listed twice.</exception>
    public static FeatureTable? ReadIn(string folder, IdMap users)
    {
        string[] names = ["users.csv", "users.tsv", "users.parquet", MovieLensTab, MovieLensDat];
        if (names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } file)
        {
            return null;
        }

        var cells = Path.GetFileName(file) switch
        {
            MovieLensTab => ReadLines(file, "|", ["age", "gender", "occupation"], [1, 2, 3], users),
            MovieLensDat => ReadLines(file, MovieLensDatReader.Delimiter, ["gender", "age", "occupation"], [1, 2, 3], users),
            _ => ReadTable(file, users),
        };
        return Encode(cells);
    }

    private static UserCells ReadLines(string file, string delimiter, string[] names, int[] places, IdMap users)
    {
        var cells = new UserCells(file, names, users);
        foreach (var line in DataFile.ReadLines(file))
        {
            var fields = line.Split(delimiter);
            cells.Add(fields[0], place => fields.ElementAtOrDefault(places[place]) ?? "");
        }

        return cells.Checked();
    }

    private static UserCells ReadTable(string file, IdMap users)
    {
        using var table = TableFile.Open(file);
        var id = ColumnAliases.Find(table.Columns, ColumnAliases.User);
        if (id < 0)
        {
            throw new DatasetException("The list of users has no column with their ids.", "Name it user.", file);
        }

        int[] places = [.. Enumerable.Range(0, table.Columns.Count).Where(column => column != id)];
        var cells = new UserCells(file, [.. places.Select(place => table.Columns[place])], users);
        while (table.Read())
        {
            cells.Add(table.Field(id), place => table.Field(places[place]).Trim().ToString());
        }

        return cells.Checked();
    }

    private static FeatureTable? Encode(UserCells cells)
    {
        var declared = cells.Names.Select((name, place) => (Place: place, Column: Declare(name, cells.Given(place)))).Where(one => one.Column is not null).ToArray();
        if (declared.Length == 0)
        {
            return null;
        }

        var values = new float[cells.Users * declared.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (place, column) = declared[i % declared.Length];
            var cell = cells.Of(i / declared.Length, place);
            values[i] = column!.IsCategorical ? column.Encode(cell) : Number(cell) ?? float.NaN;
        }

        return new FeatureTable(new FeatureSchema([.. declared.Select(one => one.Column!)]), values);
    }

    // Numbers where all that is given are numbers; words otherwise; nothing where no word is that of enough users.
    private static FeatureColumn? Declare(string name, IReadOnlyCollection<string> given)
    {
        if (given.All(cell => Number(cell) is not null))
        {
            return FeatureColumn.Numeric(name);
        }

        string[] words = [.. given.GroupBy(cell => cell, StringComparer.Ordinal).Where(group => group.Count() >= FewestUsers)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(MostWords)
            .Select(group => group.Key).Order(StringComparer.Ordinal)];
        return words.Length == 0 ? null : new FeatureColumn(name, words);
    }

    private static float? Number(string cell) =>
        float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value) ? value : null;
}
