using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data.Pseudonyms;

/// <summary>Writes interactions anew with pseudonyms in place of user ids.</summary>
public static class PseudonymFile
{
    /// <summary>Reads interactions of any known format and writes them as CSV; every event stays, in its order.</summary>
    /// <param name="source">A file, or a folder with a known file in it.</param>
    /// <param name="pseudonyms">Makes the pseudonyms.</param>
    /// <param name="target">The file to write; it must not be there.</param>
    /// <param name="maxBadRowShare">Share of bad rows, which are left out, above which nothing is written, in [0, 1].</param>
    /// <param name="reading">What the source does not tell of itself; null for nothing.</param>
    /// <returns>What was read and left out, and the number of people.</returns>
    /// <exception cref="DatasetException">The source cannot be read, the target is there, the rows are of several parties, or two ids share a pseudonym: then nothing is written,
    /// since two people would become one.</exception>
    public static (LoadReport Report, int People) Write(string source, Pseudonymizer pseudonyms, string target, double maxBadRowShare = 0.01, ReadingOptions? reading = null)
    {
        if (File.Exists(target))
        {
            throw new DatasetException("The file is there already.", "Choose another file.", target);
        }

        var (log, tally) = DatasetSource.ReadRows(source, maxBadRowShare, reading ?? new());
        if (log.HeldBy() is { } parties)
        {
            throw new DatasetException(
                $"The file holds rows of {parties.Names.Count} parties: it has a column that names them.", "Make pseudonyms at each party, of a file of its own without that column.", source);
        }

        var (names, colliding) = pseudonyms.Of([.. Enumerable.Range(0, log.Users.Count).Select(user => log.Users[user])]);
        if (colliding > 0)
        {
            throw new DatasetException(
                $"{colliding} of {names.Count} user ids share their pseudonym with another one, so nothing was written: different people would become one.",
                "Take longer pseudonyms (128 bits), at every party.", source);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        InteractionWriter.WriteInteractions(target, log, user => names[user]);
        return (tally.Report(duplicates: 0), names.Count);
    }
}
