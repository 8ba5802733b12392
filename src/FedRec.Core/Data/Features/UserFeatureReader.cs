using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data.Features;

/// <summary>Finds what is known of the users beside their items, in the files that data sets bring along.</summary>
/// <remarks>Features stay where the interactions are: learners that read them train on them locally. What the columns mean, and the words of a
/// categorical one, is for all parties alike (<see cref="UserSchema"/>).</remarks>
internal static class UserFeatureReader
{
    private const string MovieLensTab = "u.user", MovieLensDat = "users.dat";

    /// <summary>Reads the first of <c>users.csv</c>, <c>users.tsv</c>, <c>users.parquet</c>, <c>u.user</c>, <c>users.dat</c> in a folder.</summary>
    /// <param name="folder">The folder of the interactions.</param>
    /// <param name="users">The users that features are wanted of.</param>
    /// <param name="text">How lists are written.</param>
    /// <returns>A row for each user, missing values for those that are not listed; null when there is no such file or no column in it.</returns>
    /// <exception cref="DatasetException">No listed user is one of the data, a user is listed twice, or the list is not as its schema says.</exception>
    public static FeatureTable? ReadIn(string folder, IdMap users, ListText text)
    {
        string[] names = ["users.csv", "users.tsv", "users.parquet", MovieLensTab, MovieLensDat];
        var schema = Path.Combine(folder, UserSchema.FileName);
        if (names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } file)
        {
            return !File.Exists(schema) ? null
                : throw new DatasetException("A schema of users is here, and no list of users.", "Put users.csv beside it, or remove the schema.", schema);
        }

        var cells = Path.GetFileName(file) switch
        {
            MovieLensTab => ReadLines(text.Lines(file), new UserCells(file, ["age", "gender", "occupation"], users), "|", [1, 2, 3]),
            MovieLensDat => ReadLines(text.Lines(file), new UserCells(file, ["gender", "age", "occupation"], users), "::", [1, 2, 3]),
            _ => ReadTable(file, users, text),
        };
        return Encode(cells, File.Exists(schema) ? UserSchema.Read(schema, cells) : UserSchema.Find(cells));
    }

    private static UserCells ReadLines(IEnumerable<string> lines, UserCells cells, string delimiter, int[] places)
    {
        foreach (var line in lines)
        {
            var fields = line.Split(delimiter);
            cells.Add(fields[0], place => fields.ElementAtOrDefault(places[place]) ?? "");
        }

        return cells.Checked();
    }

    private static UserCells ReadTable(string file, IdMap users, ListText text)
    {
        using var table = TableFile.Open(file, encoding: ParquetTable.HasExtension(file) ? null : text.EncodingOf(file));
        var id = ColumnAliases.Find(table.Columns, ColumnAliases.User);
        if (id < 0)
        {
            throw new DatasetException("The list of users has no column with their ids.", "Name it user.", file);
        }

        int[] places = [.. Enumerable.Range(0, table.Columns.Count).Where(column => column != id)];
        var cells = new UserCells(file, [.. places.Select(place => table.Columns[place])], users);
        while (table.Read())
        {
            if (table.Fault is { } fault)
            {
                throw new DatasetException($"The row cannot be read: {fault}.", "Correct the row.", file, table.Line);
            }

            cells.Add(table.Field(id), place => table.Field(places[place]).Trim().ToString());
        }

        return cells.Checked();
    }

    private static FeatureTable? Encode(UserCells cells, IReadOnlyList<(int Place, FeatureColumn Column)> features)
    {
        if (features.Count == 0)
        {
            return null;
        }

        var values = new float[cells.Users * features.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var (place, column) = features[i % features.Count];
            values[i] = cells.Encode(i / features.Count, place, column);
        }

        return new FeatureTable(new FeatureSchema([.. features.Select(feature => feature.Column)]), values);
    }
}
