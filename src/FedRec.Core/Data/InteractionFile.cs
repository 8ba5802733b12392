using FedRec.Core.Data.Readers;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data;

/// <summary>The interactions of a file as they stand in it: for clients that are to keep them, and not for training in one place.</summary>
/// <param name="Rows">In the order of the file.</param>
/// <param name="Items">Original item ids.</param>
/// <param name="Catalogue">Titles and tags of the items, from a list beside the file.</param>
/// <param name="BadRows">Rows that were left out.</param>
/// <param name="Notes">What people should know of the reading.</param>
public sealed record InteractionFile(IReadOnlyList<InteractionRow> Rows, IdMap Items, ItemCatalogue Catalogue, long BadRows, IReadOnlyList<string> Notes)
{
    /// <summary>What was found out about the file; null where there were several. Default: null.</summary>
    public FileReport? Report { get; init; }

    /// <summary>Reads a file, or a folder, for each of the organisations that it names: by a folder for each, or by a column of parties.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="reading">What the files do not tell of themselves.</param>
    /// <returns>Each organisation by name with its rows; one entry without a name where none is named.</returns>
    /// <exception cref="DatasetException">As <see cref="Read"/>.</exception>
    public static IReadOnlyList<(string? Organisation, InteractionFile File)> ReadByOrganisation(string path, ReadingOptions reading)
    {
        var folders = KnownFiles.Parties(path);
        if (folders.Length > 0)
        {
            return [.. folders.Select(folder => ((string?)Path.GetFileName(folder), WithTitles(Read(folder, reading))))];
        }

        var whole = Read(path, reading);
        return whole.Rows is not [{ Party: not null }, ..] ? [(null, whole)]
            : [.. whole.Rows.GroupBy(row => row.Party, StringComparer.Ordinal).Select(own => (own.Key, whole with { Rows = [.. own] }))];

        // Titles stand beside the folders, or in one of them.
        InteractionFile WithTitles(InteractionFile file) =>
            file with { Catalogue = ItemCatalogueReader.ReadOfParties(path, folders, file.Items, new ListText(reading.Encoding)) };
    }

    /// <summary>Reads a file, or a folder with a known file in it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="reading">What the file does not tell of itself.</param>
    /// <param name="inOrder">Whether rows without times happened in the order of the file, a second after each other. Default: false.</param>
    /// <exception cref="DatasetException">It is missing, not of a known format, has no times, or too much of it is bad.</exception>
    public static InteractionFile Read(string path, ReadingOptions reading, bool inOrder = false)
    {
        var options = new DatasetOptions { Path = path, Reading = reading };
        options.Check();
        var (log, tally) = DatasetSource.ReadRows(path, options.MaxBadRowShare, reading);
        var isTimed = !log.TimestampColumn.IsEmpty;
        if (!isTimed && !inOrder)
        {
            throw new DatasetException("The interactions have no times, and clients that keep their data go by the order in which things happened.", "Name the column of the times (--time-column).", path);
        }

        if (log.Unrated > 0)
        {
            tally.Note($"{log.Unrated} rows have no rating, so ratings are not used.");
        }

        var (rows, held) = (new InteractionRow[log.Count], log.HeldBy());
        for (var row = 0; row < rows.Length; row++)
        {
            var time = !isTimed ? row * 1_000L : log.TimeUnit.ToInstant(log.TimestampColumn[row]) is null
                ? throw new DatasetException($"The time {log.TimestampColumn[row]} of user '{log.Users[log.UserColumn[row]]}' is no date: such numbers say an order only.", "Give dates, or seconds since 1970.", path)
                : log.TimeUnit >= TimeUnit.Milliseconds ? log.TimestampColumn[row] / (log.TimeUnit.PerSecond() / 1_000) : log.TimestampColumn[row] * 1_000;
            var (user, party) = (log.Users[log.UserColumn[row]], held?.Names[held.Of(log.UserColumn[row])]);
            rows[row] = new InteractionRow(party is null ? user : user[(party.Length + 1)..], log.Items[log.ItemColumn[row]], log.RatingColumn.IsEmpty ? null : log.RatingColumn[row], time, party);
        }

        var lists = new ListText(reading.Encoding);
        var report = tally.Report(0);
        return new InteractionFile(rows, log.Items, ItemCatalogueReader.ReadBeside(KnownFiles.Find(path), log.Items, lists), tally.BadRows, [.. report.Notes, .. lists.Notes]) { Report = report.Files is [var only] ? only : null };
    }
}

/// <summary>One interaction.</summary>
/// <param name="User">Original user id.</param>
/// <param name="Item">Original item id.</param>
/// <param name="Rating">The rating; null where the file has none.</param>
/// <param name="Time">Milliseconds since 1970.</param>
/// <param name="Party">Who holds the user; null where the file names nobody. Default: null.</param>
public readonly record struct InteractionRow(string User, string Item, float? Rating, long Time, string? Party = null);
