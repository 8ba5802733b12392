using System.Globalization;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Readers;

/// <summary>Which column of a file says what of an interaction; −1 for what no column says.</summary>
internal sealed record InteractionColumns(int User, int Item, int Rating, int Time, int Kind, int Split, int Party)
{
    /// <summary>What the reader of the data should know of the choice, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The columns by what they say, in words that are options too.</summary>
    public IEnumerable<(string Use, int Column)> Used =>
        new[] { ("user", User), ("item", Item), ("rating", Rating), ("time", Time), ("kind", Kind), ("split", Split), ("party", Party) }.Where(use => use.Item2 >= 0);

    /// <summary>Whether a first line names the columns of users and items, under the usual names or those that the user gives.</summary>
    public static bool IsHeader(string[] fields, ReadingOptions options) =>
        fields.Length >= 2 && IsNamed(fields, options.UserColumn, ColumnAliases.User) && IsNamed(fields, options.ItemColumn, ColumnAliases.Item);

    /// <summary>Whether a field is a number or a date, which is no name of a column.</summary>
    public static bool IsValue(string field) => TimeText.TryParse(field, out _);

    /// <summary>Finds the columns.</summary>
    /// <param name="file">For errors.</param>
    /// <param name="table">Its columns, and its first rows to look at.</param>
    /// <param name="options">Columns that the user names.</param>
    /// <exception cref="DatasetException">A column that the user names is not there, or there is none for users or items.</exception>
    public static InteractionColumns Find(string file, InteractionTable table, ReadingOptions options)
    {
        var search = new ColumnSearch(file, table);
        var (user, item) = (search.Given("--user-column", options.UserColumn), search.Given("--item-column", options.ItemColumn));
        var (rating, time, kind) = (search.Given("--rating-column", options.RatingColumn), search.Given("--time-column", options.TimeColumn), search.Given("--kind-column", options.KindColumn));
        return table.HasHeader ? ByName(search, user, item, rating, time, kind) : ByPlace(search, table, KnownFiles.IsKnown(Path.GetFileName(file)), user, item, rating, time, kind);
    }

    private static InteractionColumns ByName(ColumnSearch search, int? user, int? item, int? rating, int? time, int? kind) =>
        new(
            user ?? search.Named("user", ColumnAliases.User), item ?? search.Named("item", ColumnAliases.Item),
            rating ?? search.Named("rating", ColumnAliases.Rating), time ?? search.NamedOrTime(), kind ?? search.Named("kind", ColumnAliases.Kind),
            search.Named("split", ColumnAliases.Split), search.Named("party", ColumnAliases.Party))
        {
            Notes = search.Notes,
        };

    // As MovieLens and most others write them: user, item, rating, time. What comes third may be a time; more columns tell by what is in them.
    private static InteractionColumns ByPlace(ColumnSearch search, InteractionTable table, bool isKnown, int? user, int? item, int? rating, int? time, int? kind)
    {
        var (theUser, theItem) = (user ?? search.Next("user"), item ?? search.Next("item"));
        var (count, colons) = (table.Rows.Columns.Count, table.Separator is "::" or "tabs");
        var asMovieLens = count == 4 && colons && rating is null && time is null && kind is null;
        var theKind = kind ?? (asMovieLens ? -1 : search.Holding(word => !IsValue(word) && EventKinds.TryParse(word, out _)));
        var theTime = time ?? (asMovieLens ? -1 : search.Holding(IsRecent));
        var theRating = rating ?? (asMovieLens ? search.Next("rating") : count <= 4 ? search.Holding(IsNumber) : -1);
        theTime = asMovieLens ? search.Next("time") : theTime;
        var columns = new InteractionColumns(theUser, theItem, theRating, theTime, theKind, -1, -1);
        var guessed = (user is null || item is null) && !(isKnown && asMovieLens); // u.data and ratings.dat are published so
        return columns with
        {
            Notes = guessed ? [$"No line names the columns: by their places and what is in them they are taken for {string.Join(", ", columns.Used.OrderBy(use => use.Column).Select(use => $"{use.Use} ({use.Column + 1})"))}; --user-column, --item-column and so on say otherwise.", .. search.Notes] : search.Notes,
        };
    }

    /// <summary>Whether a word is a number.</summary>
    public static bool IsNumber(string word) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <summary>Whether a word is a date, or a number that is a time since 1990 and before 2100 in one of the units.</summary>
    public static bool IsRecent(string word)
    {
        if (!TimeText.TryParse(word, out var time) || time.Form != TimeForm.Number)
        {
            return time.Form != TimeForm.Number;
        }

        const long latest = 4_102_444_800;
        return new long[] { 1, 1_000, 1_000_000, 1_000_000_000 }.Any(unit => time.Whole / unit is >= TimeColumn.Earliest and < latest);
    }

    private static bool IsNamed(string[] fields, string? given, string[] aliases) =>
        given is null ? ColumnAliases.Find(fields, aliases) >= 0
            : Array.Exists(fields, field => field.Equals(given, StringComparison.OrdinalIgnoreCase))
            || (int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place >= 1 && place <= fields.Length && !Array.Exists(fields, IsValue));
}

/// <summary>A file of interactions that has been opened: its rows, some of them to look at beforehand, and what was found out about it.</summary>
/// <param name="Rows">From the first row on; closed by the caller.</param>
/// <param name="Sample">The first rows; none are taken from <paramref name="Rows"/>.</param>
/// <param name="HasHeader">Whether columns have names.</param>
/// <param name="MustBeFull">Whether a row has all columns or is bad; otherwise fields may lack at the end of a row.</param>
/// <param name="Separator">What stands between fields, in words; empty where nothing does.</param>
internal sealed record InteractionTable(ITable Rows, IReadOnlyList<string[]> Sample, bool HasHeader, bool MustBeFull, string Separator)
{
    /// <summary>The format in words.</summary>
    public required string Format { get; init; }

    /// <summary>How text is written as bytes; empty for a format that is none.</summary>
    public required string Encoding { get; init; }

    /// <summary>How the file is packed; null when it is not.</summary>
    public string? Compression { get; init; }

    /// <summary>Lines above the header that were passed over.</summary>
    public int Skipped { get; init; }
}
