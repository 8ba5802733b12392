using System.Globalization;

namespace FedRec.Core.Data.Features;

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
