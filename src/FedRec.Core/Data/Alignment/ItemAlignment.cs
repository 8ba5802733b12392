namespace FedRec.Core.Data.Alignment;

/// <summary>Gives the items of parties that name them differently one id for all: the salted hash of what they are called.</summary>
/// <remarks>Each party hashes its own list, and only hashes are compared. What that does not protect against: whoever has the salt can hash
/// every title of a public catalogue and look which hashes a party sent (a dictionary attack), so the parties learn of each other which items
/// they have, and a party with the salt that sees another's hashes learns them beyond the overlap. How many items are shared is shown to all.
/// Without the salt a hash tells nothing but that two are equal. Where the parties must not learn each other's items, a private set
/// intersection is needed, which this is not. Different items that are called alike count as one.</remarks>
public static class ItemAlignment
{
    /// <summary>Reads the parties, compares their hashes and writes each party under the shared ids.</summary>
    /// <exception cref="DatasetException">A file is missing or bad, the salt is too short, there are no two parties, a party has no titles, or
    /// nothing is shared and unmatched items are to be dropped.</exception>
    public static AlignmentReport Run(AlignmentOptions options)
    {
        using var salt = SharedSecret.Read(options.SaltFile);
        return Run(options, new ItemHasher(salt));
    }

    internal static AlignmentReport Run(AlignmentOptions options, ItemHasher hasher)
    {
        var folders = KnownFiles.Parties(options.Folder);
        if (folders.Length < 2)
        {
            throw new DatasetException($"The folder holds {folders.Length} parties.", "Give a folder with a folder of interactions for each of at least two parties.", options.Folder);
        }

        AlignedFiles.CheckEmpty(options.Output);
        var parties = folders.Select(folder => PartyItems.Read(folder, options, hasher)).ToList();
        var overlap = ItemOverlap.Of([.. parties.Select(party => party.Hashed.Hashes)]);
        if (options.DropUnmatched && parties.Find(party => !party.Hashed.Hashes.Any(overlap.IsShared)) is { } alone)
        {
            throw new DatasetException(
                $"{(overlap.Shared == 0 ? "No two parties share an item" : $"The party {alone.Name} shares no item with another")}, so that nothing of it would be left.",
                $"Keep unmatched items, compare {(options.ById ? "titles instead of ids" : "ids instead of titles")}, or leave out what does not belong.", options.Folder);
        }

        var written = parties.Select(party => AlignedFiles.Write(party, overlap, hasher, options)).ToList();
        return new AlignmentReport(
            written, [.. overlap.Pairs.Select(pair => new SharedItems(parties[pair.First].Name, parties[pair.Second].Name, pair.Shared))],
            overlap.Shared, overlap.SharedByAll, overlap.Shared + (options.DropUnmatched ? 0 : written.Sum(party => party.Unmatched)), options.Output);
    }
}
