namespace FedRec.Core.Data.Features;

/// <summary>Which columns of a list of users are features: what all parties have agreed on, or else what is found in the list.</summary>
/// <remarks>Agreed in <c>users.schema.json</c> beside the list, whose <c>columns</c> are those of a labelled table's schema, of the kinds <c>numeric</c>,
/// <c>categorical</c> and <c>ignore</c>; columns that it leaves out are not read. What is found would tell others something of the
/// list: so words of fewer than five users, which would point at people, are no part of it, and zip codes of MovieLens are not read.</remarks>
internal static class UserSchema
{
    /// <summary>Name of the file with what is agreed.</summary>
    public const string FileName = "users.schema.json";

    private const int FewestUsers = 5, MostWords = 64;

    /// <summary>Reads what is agreed.</summary>
    /// <param name="file">The schema.</param>
    /// <param name="cells">The list of users.</param>
    /// <returns>The features, each with the place of its column in the list.</returns>
    /// <exception cref="DatasetException">The schema is wrong, or the list lacks one of its columns.</exception>
    public static IReadOnlyList<(int Place, FeatureColumn Column)> Read(string file, UserCells cells)
    {
        using var document = SchemaColumns.Parse(file);
        var root = new SchemaObject(file, document.RootElement, "", "columns");
        var columns = SchemaColumns.Read(root).Select(column => column.Column).ToList();
        if (columns.Find(column => column.Kind is not (ColumnKind.Numeric or ColumnKind.Categorical or ColumnKind.Ignore)) is { } other)
        {
            throw root.Wrong($"The column '{other.Name}' of a list of users is of the kind {other.Kind.ToString().ToLowerInvariant()}", "It must be numeric, categorical or ignore; ids are found by the name of their column, such as user.");
        }

        SchemaColumns.ThrowWithoutFeature(root, columns);
        return [.. columns.Select(column => column.Feature).OfType<FeatureColumn>().Select(column => (PlaceOf(column.Name), column))];

        int PlaceOf(string name) => cells.Names.ToList().IndexOf(name) is >= 0 and var place ? place
            : throw root.Wrong($"The list of users has no column '{name}'", $"It has {string.Join(", ", cells.Names)}.");
    }

    /// <summary>Finds the features of a list: numbers where all that is given are numbers; words otherwise; nothing where no word is that of enough users.</summary>
    public static IReadOnlyList<(int Place, FeatureColumn Column)> Find(UserCells cells) =>
        [.. cells.Names.Select((name, place) => (Place: place, Column: Find(name, cells.Given(place)))).Where(one => one.Column is not null).Select(one => (one.Place, one.Column!))];

    private static FeatureColumn? Find(string name, IReadOnlyCollection<string> given)
    {
        if (given.All(cell => UserCells.Number(cell) is not null))
        {
            return FeatureColumn.Numeric(name);
        }

        string[] words = [.. given.GroupBy(cell => cell, StringComparer.Ordinal).Where(group => group.Count() >= FewestUsers)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(MostWords)
            .Select(group => group.Key).Order(StringComparer.Ordinal)];
        return words.Length == 0 ? null : new FeatureColumn(name, words);
    }
}
