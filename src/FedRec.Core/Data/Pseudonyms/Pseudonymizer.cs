using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data.Pseudonyms;

/// <summary>Replaces ids by keyed hashes, so that parties can tell that they know the same people without telling who they are.</summary>
/// <remarks>The pseudonym is the first bits of HMAC-SHA256(key, id in UTF-8), in hexadecimal. It is as good a pseudonym as the key is a secret.
/// Ids are hashed as they are but for spaces around them: parties must agree on one form, such as a lower-case e-mail address. Among n people
/// the chance that any two share a pseudonym of b bits is about n²/2^(b+1): for a million people 3 in 10⁸ with 64 bits, and 1 in 10²⁷ with 128.
/// What a party finds among its own ids is counted; two people of different parties who share a pseudonym look like one person.</remarks>
/// <param name="key">The parties' secret.</param>
/// <param name="bits">Length of a pseudonym: a multiple of 4 from 4 to 256. Default: 128.</param>
public sealed class Pseudonymizer(SharedSecret key, int bits = Pseudonymizer.DefaultBits)
{
    /// <summary>Length of a pseudonym unless another is given: 128 bits.</summary>
    public const int DefaultBits = 128;

    /// <summary>The pseudonym of an id.</summary>
    public string Of(string id) => key.Hash(id.Trim(), bits);

    /// <summary>The pseudonyms of different ids, in their order.</summary>
    /// <returns>And how many of the ids share theirs with another; 0 when all are different.</returns>
    public (IReadOnlyList<string> Pseudonyms, int Colliding) Of(IReadOnlyList<string> ids)
    {
        var pseudonyms = ids.Select(Of).ToList();
        return (pseudonyms, pseudonyms.GroupBy(pseudonym => pseudonym, StringComparer.Ordinal).Where(group => group.Count() > 1).Sum(group => group.Count()));
    }
}

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
