using System.Globalization;

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

/// <summary>The fields of a list of users, those of the data alone.</summary>
/// <param name="file">The list, for errors.</param>
/// <param name="names">Its columns but the ids.</param>
/// <param name="users">The users of the data.</param>
internal sealed class UserCells(string file, IReadOnlyList<string> names, IdMap users)
{
    private readonly string[]?[] _cells = new string[users.Count][];

    /// <summary>The columns.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Users of the data, listed or not.</summary>
    public int Users => _cells.Length;

    /// <summary>Adds a listed user; one that is not of the data is passed over.</summary>
    /// <param name="id">The user's id.</param>
    /// <param name="cell">The field of each column.</param>
    /// <exception cref="DatasetException">The user is listed already.</exception>
    public void Add(ReadOnlySpan<char> id, Func<int, string> cell)
    {
        if (!users.TryGet(id.Trim(), out var user))
        {
            return;
        }

        if (_cells[user] is not null)
        {
            throw new DatasetException("A user is listed twice in the list of users.", "Leave one row for each user.", file);
        }

        _cells[user] = [.. Enumerable.Range(0, names.Count).Select(cell)];
    }

    /// <summary>Refuses a list of other people.</summary>
    /// <exception cref="DatasetException">None of the listed users is one of the data.</exception>
    public UserCells Checked() => Array.Exists(_cells, cells => cells is not null) ? this : throw new DatasetException(
        "No user of the list of users is one of the data.", "Write the ids alike in both (in data of parties, as party/user), or remove the list.", file);

    /// <summary>A field; empty when the user is not listed.</summary>
    public string Of(int user, int column) => _cells[user]?[column] ?? "";

    /// <summary>A field encoded as a feature; not a number where a numeric one is empty.</summary>
    /// <exception cref="DatasetException">A numeric feature is given as a word.</exception>
    public float Encode(int user, int place, FeatureColumn column)
    {
        var cell = Of(user, place);
        return column.IsCategorical ? column.Encode(cell)
            : cell.Length == 0 ? float.NaN
            : Number(cell) ?? throw new DatasetException($"The list of users has '{cell}' in the numeric column {column.Name}.", $"Write a number, leave it empty, or declare the column categorical in {UserSchema.FileName}.", file);
    }

    /// <summary>A field as a number; null when it is none.</summary>
    public static float? Number(string cell) =>
        float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value) ? value : null;

    /// <summary>The fields of a column that are not empty.</summary>
    public IReadOnlyCollection<string> Given(int column) => [.. _cells.Select(cells => cells?[column] ?? "").Where(cell => cell.Length > 0)];
}
