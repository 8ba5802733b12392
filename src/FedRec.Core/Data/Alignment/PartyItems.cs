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
