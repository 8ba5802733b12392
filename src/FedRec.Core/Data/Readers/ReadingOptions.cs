using System.Globalization;
using System.Text;
using FedRec.Core.Data.Behaviours;

namespace FedRec.Core.Data.Readers;

/// <summary>What a file of interactions does not tell of itself; what is left open is found out from its content.</summary>
/// <remarks>A column is called by its name, or by its place from 1; the word <see cref="None"/> says that a file has no such column.</remarks>
public sealed record ReadingOptions
{
    /// <summary>In place of a column: there is none.</summary>
    public const string None = "none";

    /// <summary>The column of users. Default: null, found by its name.</summary>
    public string? UserColumn { get; init; }

    /// <summary>The column of items. Default: null, found by its name.</summary>
    public string? ItemColumn { get; init; }

    /// <summary>The column of times, or <see cref="None"/>. Default: null, found by its name or what is in it.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>The column of ratings, or <see cref="None"/>. Default: null, found by its name.</summary>
    public string? RatingColumn { get; init; }

    /// <summary>The column of kinds of events, or <see cref="None"/>. Default: null, found by its name.</summary>
    public string? KindColumn { get; init; }

    /// <summary>Whether the first line is data and names no columns. Default: false, found out.</summary>
    public bool NoHeader { get; init; }

    /// <summary>What stands between fields: a character, the same character twice, or <c>tab</c>, <c>comma</c>, <c>semicolon</c>, <c>bar</c>,
    /// <c>blanks</c>. Default: null, found out.</summary>
    public string? Separator { get; init; }

    /// <summary>What words of the column of kinds mean, such as <c>0=view,2=cart,3=purchase</c>, beside those that are known. Default: null.</summary>
    public string? Kinds { get; init; }

    /// <summary>How text is written as bytes: <c>utf-8</c>, <c>latin1</c>, <c>windows-1252</c> and so on. Default: null, UTF-8.</summary>
    public string? Encoding { get; init; }

    /// <summary>What is asked of a database, in SQL; its columns are those of the rows. Default: null, the file is none.</summary>
    public string? Query { get; init; }

    /// <summary>Name under which this process has registered the database's provider for ADO.NET (<see cref="System.Data.Common.DbProviderFactories"/>); the file then holds the
    /// connection string. Default: null, the file is itself what is read.</summary>
    public string? Provider { get; init; }

    /// <summary>A part of a file of lines, which is read as if it were all of it. Default: null, all.</summary>
    public FilePart? Part { get; init; }

    /// <summary>Refuses values that mean nothing.</summary>
    /// <exception cref="ArgumentException">Names the value and what is allowed.</exception>
    public void Check()
    {
        _ = Separator is null ? default : Readers.Separator.Parse(Separator);
        _ = Encoding is null ? null : TextEncodings.Find(Encoding);
        _ = KindWords.Parse(Kinds);
        if (Provider is not null && Query is null)
        {
            throw new ArgumentException("A database provider is given, and no query: say what to read of the database.");
        }

        foreach (var (column, name) in new[] { (UserColumn, "user"), (ItemColumn, "item") })
        {
            if (column == None)
            {
                throw new ArgumentException($"The column of the {name}s is '{None}', but every interaction has one; name it.");
            }
        }

        string[] given = [.. new[] { UserColumn, ItemColumn, TimeColumn, RatingColumn, KindColumn }.OfType<string>().Where(column => column != None)];
        if (given.GroupBy(column => column, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"The column '{twice.Key}' is named for two things; a column is one of user, item, time, rating and kind.");
        }

        if (NoHeader && Array.Find(given, column => !int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out _)) is { } word)
        {
            throw new ArgumentException($"The column '{word}' is called by a name, but without a header columns have none; give its place, from 1.");
        }
    }
}

/// <summary>How text is written as bytes, by the usual names: <c>utf-8</c>, <c>latin1</c>, <c>windows-1252</c>, <c>shift_jis</c> and so on.</summary>
internal static class TextEncodings
{
    /// <summary>Looks an encoding up.</summary>
    /// <exception cref="ArgumentException">None is called so.</exception>
    public static Encoding Find(string name)
    {
        try
        {
            return name.ToUpperInvariant() is "LATIN1" or "LATIN-1" or "ISO-8859-1" ? Encoding.Latin1
                : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ArgumentException($"The encoding is '{name}'; it must be a name such as utf-8, utf-16, latin1, windows-1252, shift_jis or gb18030.", nameof(name));
        }
    }
}
