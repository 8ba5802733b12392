using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Partitions;

/// <summary>Reads a folder with a folder of interactions for each party as one federation.</summary>
/// <remarks>A person whom two parties know under one id is a user of each of them, so that no party sees what the other holds: user ids
/// are put after the name of their party. Where the parties' ids are the same pseudonyms of the same people (<see cref="Pseudonyms.Pseudonymizer"/>),
/// a person still is a user of each party, with a vector or a history of its own there: what a party knows of somebody reaches the others
/// through the shared item parameters only, and an item that one party holds out of a person may be in another party's training. Item ids are taken as they are, and the catalogue is the union of the parties' items.</remarks>
internal static class PartyFolders
{
    /// <summary>Adds the rows of all parties to a log, with who holds whom. A party without a row is left out, and named in the report.</summary>
    /// <param name="folders">One for each party, in order; the name of a folder is the name of its party.</param>
    /// <param name="readParty">Reads the file of one party, and cleans it.</param>
    /// <param name="log">Takes the rows.</param>
    /// <param name="tally">Takes the names of parties without a row.</param>
    /// <exception cref="DatasetException">A party has other columns than the parties before it.</exception>
    public static void Read(IReadOnlyList<string> folders, Func<string, InteractionLog> readParty, InteractionLog log, RowTally tally)
    {
        var logs = folders.Select(folder => (Folder: folder, Own: readParty(folder))).ToArray();
        log.TimeUnit = logs.Select(party => party.Own.TimeUnit).DefaultIfEmpty().Max();
        foreach (var (folder, _) in logs.Where(party => party.Own.Count == 0))
        {
            tally.Note($"The party {Path.GetFileName(folder)} has no interaction and is left out.");
        }

        logs = [.. logs.Where(party => party.Own.Count > 0)];
        var rated = logs.All(party => party.Own.KindColumn.IsEmpty || !party.Own.RatingColumn.IsEmpty); // parties of other kinds of events have none
        foreach (var (folder, own) in logs)
        {
            Append(own, rated, log, folder);
        }
    }

    private static void Append(InteractionLog own, bool rated, InteractionLog log, string folder)
    {
        var hasRatings = rated && !own.RatingColumn.IsEmpty;
        if (log.Count > 0 && (!hasRatings, own.TimestampColumn.IsEmpty, own.SplitColumn.IsEmpty, own.KindColumn.IsEmpty) != (log.RatingColumn.IsEmpty, log.TimestampColumn.IsEmpty, log.SplitColumn.IsEmpty, log.KindColumn.IsEmpty))
        {
            throw new DatasetException("This party has other columns than the parties before it.", "Give every party ratings, times, a split and kinds of events, or none of them; with kinds, ratings may lack.", folder);
        }

        if (own.HeldBy() is { } parties)
        {
            throw new DatasetException(
                $"The folder of a party holds rows of {parties.Names.Count} parties: its file has a column that names them.", "Remove the column, or put the file outside the folder.", folder);
        }

        var name = Path.GetFileName(folder);
        for (var row = 0; row < own.Count; row++)
        {
            log.AddOf(
                name,
                own.Users[own.UserColumn[row]],
                own.Items[own.ItemColumn[row]],
                hasRatings ? own.RatingColumn[row] : null,
                own.TimestampColumn.IsEmpty ? null : own.TimeUnit.To(log.TimeUnit, own.TimestampColumn[row]),
                own.SplitColumn.IsEmpty ? null : own.SplitColumn[row],
                own.KindColumn.IsEmpty ? null : own.KindColumn[row]);
        }
    }
}
