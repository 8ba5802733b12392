namespace FedRec.Core.Data.Partitions;

/// <summary>Reads a folder with a folder of interactions for each party as one federation.</summary>
/// <remarks>A person whom two parties know under one id is a user of each of them, so that no party sees what the other holds: user ids
/// are put after the name of their party. Item ids are taken as they are, and the catalogue is the union of the parties' items.</remarks>
internal static class PartyFolders
{
    /// <summary>Adds the rows of all parties to a log.</summary>
    /// <param name="folders">One for each party, in order; the name of a folder is the name of its party.</param>
    /// <param name="readParty">Reads the file of one party, and cleans it.</param>
    /// <param name="log">Takes the rows.</param>
    /// <exception cref="DatasetException">A party gives no interaction, or other columns than the parties before it.</exception>
    public static UserParties Read(IReadOnlyList<string> folders, Func<string, InteractionLog> readParty, InteractionLog log)
    {
        var partyOf = new List<int>();
        for (var party = 0; party < folders.Count; party++)
        {
            Append(readParty(folders[party]), log, folders[party]);
            while (partyOf.Count < log.Users.Count)
            {
                partyOf.Add(party);
            }
        }

        return new UserParties([.. folders.Select(folder => Path.GetFileName(folder)!)], [.. partyOf]);
    }

    private static void Append(InteractionLog own, InteractionLog log, string folder)
    {
        if (log.Count > 0 && (own.RatingColumn.IsEmpty, own.TimestampColumn.IsEmpty, own.SplitColumn.IsEmpty) != (log.RatingColumn.IsEmpty, log.TimestampColumn.IsEmpty, log.SplitColumn.IsEmpty))
        {
            throw new DatasetException("This party has other columns than the parties before it.", "Give every party ratings, times and a split, or none of them.", folder);
        }

        if (own.HeldBy() is { } parties)
        {
            throw new DatasetException(
                $"The folder of a party holds rows of {parties.Names.Count} parties: its file has a column that names them.", "Remove the column, or put the file outside the folder.", folder);
        }

        var name = Path.GetFileName(folder);
        for (var row = 0; row < own.Count; row++)
        {
            log.Add(
                $"{name}{InteractionLog.PartySeparator}{own.Users[own.UserColumn[row]]}",
                own.Items[own.ItemColumn[row]],
                own.RatingColumn.IsEmpty ? null : own.RatingColumn[row],
                own.TimestampColumn.IsEmpty ? null : own.TimestampColumn[row],
                own.SplitColumn.IsEmpty ? null : own.SplitColumn[row]);
        }
    }
}
