namespace FedRec.Core.Data.Alignment;

/// <summary>Writes one party under the shared ids. Its titles stay in its own folder, as nobody else needs them.</summary>
internal static class AlignedFiles
{
    /// <exception cref="DatasetException">There is something in the folder.</exception>
    public static void CheckEmpty(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DatasetException("The folder is not empty.", "Choose a new folder for the aligned parties.", folder);
        }
    }

    /// <summary>Writes the rows and the titles of a party.</summary>
    public static AlignedParty Write(PartyItems party, ItemOverlap overlap, ItemHasher hasher, AlignmentOptions options)
    {
        var (log, hashed) = (party.Log, party.Hashed);
        var ids = Enumerable.Range(0, hashed.Count).Select(item => NewId(party, item, overlap, hasher, options.DropUnmatched)).ToList();
        var aligned = Rename(log, ids);
        var folder = Path.Combine(options.Output, party.Name);
        Directory.CreateDirectory(folder);
        InteractionWriter.WriteInteractions(Path.Combine(folder, "interactions.csv"), aligned);
        InteractionWriter.WriteItems(Path.Combine(folder, "items.csv"), aligned.Items, Catalogue(party, ids, aligned.Items));
        var matched = Enumerable.Range(0, hashed.Count).Count(item => hashed[item] is { } hash && overlap.IsShared(hash));
        return new AlignedParty(party.Name, hashed.Count, matched, hashed.Count - matched, hashed.Collisions, hashed.WithoutKey, aligned.Count, log.Count - aligned.Count);
    }

    private static string? NewId(PartyItems party, int item, ItemOverlap overlap, ItemHasher hasher, bool drop) =>
        party.Hashed[item] is { } hash && overlap.IsShared(hash) ? hash : drop ? null : hasher.OwnHash(party.Name, party.Log.Items[item]);

    private static InteractionLog Rename(InteractionLog log, List<string?> ids)
    {
        var aligned = new InteractionLog { TimeUnit = log.TimeUnit };
        for (var row = 0; row < log.Count; row++)
        {
            if (ids[log.ItemColumn[row]] is { } id)
            {
                aligned.Add(
                    log.Users[log.UserColumn[row]], id,
                    log.RatingsWithGaps.IsEmpty ? null : log.RatingsWithGaps[row],
                    log.TimestampColumn.IsEmpty ? null : log.TimestampColumn[row],
                    log.SplitColumn.IsEmpty ? null : log.SplitColumn[row],
                    log.KindColumn.IsEmpty ? null : log.KindColumn[row]);
            }
        }

        return aligned;
    }

    private static ItemCatalogue Catalogue(PartyItems party, List<string?> ids, IdMap items)
    {
        var byId = ItemCatalogue.FromIds(items);
        var (titles, tags) = (byId.Titles.ToArray(), byId.Tags.ToArray());
        for (var item = 0; item < ids.Count; item++)
        {
            if (ids[item] is { } id && items.TryGet(id, out var place))
            {
                (titles[place], tags[place]) = (party.Catalogue.Titles[item], party.Catalogue.Tags[item]);
            }
        }

        return new ItemCatalogue(titles, tags);
    }
}
