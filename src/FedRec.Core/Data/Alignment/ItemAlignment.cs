using FedRec.Core.Data.Readers;

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

/// <summary>How the items of parties are aligned.</summary>
/// <param name="Folder">A folder with a folder of interactions for each party; each may have its list of items beside them.</param>
/// <param name="SaltFile">Holds the salt that all parties share: at least 32 bytes.</param>
/// <param name="Output">Where the parties are written under the shared ids; must be new or empty.</param>
public sealed record AlignmentOptions(string Folder, string SaltFile, string Output)
{
    /// <summary>Compares ids, or else titles with their years. Default: titles.</summary>
    public bool ById { get; init; }

    /// <summary>Leaves out the items that one party alone has, or else keeps them as its own. Default: kept.</summary>
    public bool DropUnmatched { get; init; }

    /// <summary>What the parties' files do not tell of themselves. Default: nothing, all of it is found out.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>Share of bad rows above which a party's file is refused, in [0, 1]. Default: 0.01.</summary>
    public double MaxBadRowShare { get; init; } = 0.01;
}

/// <summary>What an alignment found: numbers only, no item.</summary>
/// <param name="Parties">Each party.</param>
/// <param name="Pairs">What every two parties share.</param>
/// <param name="Shared">Items that at least two parties have.</param>
/// <param name="SharedByAll">Items that all parties have.</param>
/// <param name="Items">Items of the catalogue that was written.</param>
/// <param name="Folder">Where it was written.</param>
public sealed record AlignmentReport(IReadOnlyList<AlignedParty> Parties, IReadOnlyList<SharedItems> Pairs, int Shared, int SharedByAll, int Items, string Folder);

/// <summary>One party in an alignment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Items">Items that it has interactions with.</param>
/// <param name="Matched">Those that another party has too.</param>
/// <param name="Unmatched">Those that it alone has.</param>
/// <param name="Collisions">Those that have the hash of another of its own items, so that none of them could be matched; part of the unmatched.</param>
/// <param name="WithoutKey">Those without a title, where titles were compared; part of the unmatched.</param>
/// <param name="Interactions">Interactions that were written.</param>
/// <param name="Dropped">Interactions that were left out with their unmatched items.</param>
public sealed record AlignedParty(string Name, int Items, int Matched, int Unmatched, int Collisions, int WithoutKey, int Interactions, int Dropped);

/// <summary>What two parties share.</summary>
/// <param name="First">A party.</param>
/// <param name="Second">Another one.</param>
/// <param name="Items">Items that both have.</param>
public sealed record SharedItems(string First, string Second, int Items);
