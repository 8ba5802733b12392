using System.Globalization;

namespace FedRec.Core.Data.Partitions;

/// <summary>Writes a dataset as a folder with a folder for each party, which <see cref="DatasetSource"/> reads back as one federation.</summary>
/// <remarks>Users stay whole. The split is written too, so that the same interactions are held out when the folders are read.
/// The list of items, which is public, is written once.</remarks>
public static class PartyWriter
{
    /// <summary>Writes <c>party-01/interactions.csv</c> and so on, and <c>items.csv</c>.</summary>
    /// <param name="dataset">The interactions, without a validation part.</param>
    /// <param name="partition">Who holds which users.</param>
    /// <param name="folder">Must be new or empty.</param>
    /// <returns>The folders of the parties, in order, with their numbers of interactions.</returns>
    /// <exception cref="DatasetException">There is something in the folder.</exception>
    public static IReadOnlyList<(string Folder, int Interactions)> Write(Dataset dataset, ClientPartition partition, string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DatasetException("The folder is not empty.", "Choose a new folder for the parties.", folder);
        }

        Directory.CreateDirectory(folder);
        var parties = Enumerable.Range(0, partition.Count)
            .Select(party => WriteParty(dataset, partition.UsersOf(party), Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"party-{party + 1:D4}"))))
            .ToList();
        InteractionWriter.WriteItems(Path.Combine(folder, "items.csv"), dataset.Items, dataset.Catalogue);
        return parties;
    }

    private static (string Folder, int Interactions) WriteParty(Dataset dataset, ReadOnlyMemory<int> users, string folder)
    {
        var log = new InteractionLog();
        foreach (var user in users.Span)
        {
            Add(log, dataset, dataset.Train, user, InteractionSplit.Train);
            Add(log, dataset, dataset.Test, user, InteractionSplit.Test);
        }

        Directory.CreateDirectory(folder);
        InteractionWriter.WriteInteractions(Path.Combine(folder, "interactions.csv"), log);
        return (folder, log.Count);
    }

    private static void Add(InteractionLog log, Dataset dataset, UserItems rows, int user, InteractionSplit split)
    {
        var items = rows.Items(user);
        var ratings = rows.Ratings(user);
        var times = rows.Timestamps(user);
        for (var i = 0; i < items.Length; i++)
        {
            log.Add(dataset.Users[user], dataset.Items[items[i]], ratings.IsEmpty ? null : ratings[i], times.IsEmpty ? null : times[i], split);
        }
    }
}
