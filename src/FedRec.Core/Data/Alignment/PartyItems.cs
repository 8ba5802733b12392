using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data.Alignment;

/// <summary>One party with its rows, its titles, and the hashes that it shows others.</summary>
internal sealed record PartyItems(string Name, InteractionLog Log, ItemCatalogue Catalogue, HashedItems Hashed)
{
    /// <summary>Reads a party's folder. Titles are those of the list beside its interactions, or of one for all parties above it.</summary>
    /// <exception cref="DatasetException">The rows cannot be used, or no item has a title where titles are compared.</exception>
    public static PartyItems Read(string folder, AlignmentOptions options, ItemHasher hasher)
    {
        var log = new InteractionLog();
        DatasetSource.ReadParty(folder, log, options.MaxBadRowShare, options.Reading);
        var text = new ListText(options.Reading.Encoding);
        var own = ItemCatalogueReader.ReadBeside(Path.Combine(folder, "interactions"), log.Items, text);
        var titled = Enumerable.Range(0, log.Items.Count).Any(item => HasTitle(own, log.Items, item));
        var catalogue = titled ? own : ItemCatalogueReader.ReadBeside(folder, log.Items, text);
        var keys = Enumerable.Range(0, log.Items.Count)
            .Select(item => options.ById ? ItemKey.OfId(log.Items[item]) : HasTitle(catalogue, log.Items, item) ? ItemKey.OfTitle(catalogue.Titles[item]) : null).ToList();
        return keys.Exists(key => key is not null) ? new PartyItems(Path.GetFileName(folder), log, catalogue, HashedItems.Of(keys, hasher))
            : throw new DatasetException("None of the party's items has a title.", "Put an items.csv with the columns item and title beside the interactions, or compare ids.", folder);
    }

    // A catalogue gives an item that is not listed its id as title.
    private static bool HasTitle(ItemCatalogue catalogue, IdMap items, int item) => catalogue.Titles[item] != items[item];
}

/// <summary>What parties have in common, found from their hashes alone.</summary>
internal sealed class ItemOverlap
{
    private readonly Dictionary<string, int> _holders;

    private ItemOverlap(Dictionary<string, int> holders, IReadOnlyList<(int First, int Second, int Shared)> pairs, int parties)
    {
        (_holders, Pairs) = (holders, pairs);
        Shared = holders.Count(hash => hash.Value > 1);
        SharedByAll = holders.Count(hash => hash.Value == parties);
    }

    /// <summary>Items that every two parties share.</summary>
    public IReadOnlyList<(int First, int Second, int Shared)> Pairs { get; }

    /// <summary>Items that at least two parties have.</summary>
    public int Shared { get; }

    /// <summary>Items that all parties have.</summary>
    public int SharedByAll { get; }

    /// <param name="parties">The hashes of each party; at least two parties.</param>
    public static ItemOverlap Of(IReadOnlyList<IReadOnlySet<string>> parties)
    {
        var holders = parties.SelectMany(hashes => hashes).CountBy(hash => hash, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var pairs =
            from first in Enumerable.Range(0, parties.Count)
            from second in Enumerable.Range(first + 1, parties.Count - first - 1)
            select (first, second, parties[first].Count(parties[second].Contains));
        return new ItemOverlap(holders, [.. pairs], parties.Count);
    }

    /// <summary>Whether at least two parties have an item.</summary>
    public bool IsShared(string hash) => _holders.GetValueOrDefault(hash) > 1;
}
