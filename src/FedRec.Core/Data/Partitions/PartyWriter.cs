using System.Buffers;
using System.Globalization;
using FedRec.Core.Data.Splits;

namespace FedRec.Core.Data.Partitions;

/// <summary>Writes a dataset as a folder with a folder for each party, which <see cref="DatasetSource"/> reads back as one federation.</summary>
/// <remarks>Users stay whole. The split is written too, so that the same interactions are held out when the folders are read.
/// The list of items, which is public, is written once.</remarks>
public static class PartyWriter
{
    private static readonly SearchValues<char> s_noFolder = SearchValues.Create("/\\:*?\"<>|\0"); // on any system

    /// <summary>Writes <c>party-0001/interactions.csv</c> and so on, and <c>items.csv</c>.</summary>
    /// <param name="dataset">The interactions, with a validation part only where the data names one.</param>
    /// <param name="partition">Who holds which users.</param>
    /// <param name="folder">Must be new or empty.</param>
    /// <returns>The folders of the parties, in order, with their numbers of interactions.</returns>
    /// <exception cref="DatasetException">There is something in the folder.</exception>
    public static IReadOnlyList<(string Folder, int Interactions)> Write(Dataset dataset, ClientPartition partition, string folder) =>
        Write(dataset, partition, folder, party => string.Create(CultureInfo.InvariantCulture, $"party-{party + 1:D4}"), user => dataset.Users[user]);

    /// <summary>Writes the parties that the data has, each under its own name, with the ids that it gives its users: a column of parties becomes folders.</summary>
    /// <param name="dataset">Names its parties; with a validation part only where the data names one.</param>
    /// <param name="folder">Must be new or empty.</param>
    /// <returns>The folders of the parties, in order, with their numbers of interactions.</returns>
    /// <exception cref="ArgumentException">The data names no parties.</exception>
    /// <exception cref="DatasetException">There is something in the folder, or a party's name cannot be that of a folder.</exception>
    public static IReadOnlyList<(string Folder, int Interactions)> WriteParties(Dataset dataset, string folder)
    {
        var partition = ClientPartition.ByParty(dataset);
        var parties = dataset.Parties!;
        foreach (var name in parties.Names.Where(name => name is "." or ".." || name.AsSpan().ContainsAny(s_noFolder)))
        {
            throw new DatasetException($"The party '{name}' cannot name a folder.", "Give the parties names without / \\ : * ? \" < > and |.", folder);
        }

        return Write(dataset, partition, folder, party => parties.Names[party], user => OwnId(dataset.Users[user], parties.Names[parties.Of(user)]));
    }

    // Reading puts the party's name before the id.
    private static string OwnId(string user, string party) =>
        user.StartsWith(party + InteractionLog.PartySeparator, StringComparison.Ordinal) ? user[(party.Length + 1)..] : user;

    private static List<(string Folder, int Interactions)> Write(Dataset dataset, ClientPartition partition, string folder, Func<int, string> nameOf, Func<int, string> idOf)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new DatasetException("The folder is not empty.", "Choose a new folder for the parties.", folder);
        }

        Directory.CreateDirectory(folder);
        var parties = Enumerable.Range(0, partition.Count)
            .Select(party => WriteParty(dataset, partition.UsersOf(party), Path.Combine(folder, nameOf(party)), idOf))
            .ToList();
        InteractionWriter.WriteItems(Path.Combine(folder, "items.csv"), dataset.Items, dataset.Catalogue);
        return parties;
    }

    private static (string Folder, int Interactions) WriteParty(Dataset dataset, ReadOnlyMemory<int> users, string folder, Func<int, string> idOf)
    {
        var log = new InteractionLog { TimeUnit = dataset.TimeUnit };
        foreach (var user in users.Span)
        {
            Add(log, dataset, dataset.Train, (user, idOf(user)), InteractionSplit.Train);
            Add(log, dataset, dataset.Validation, (user, idOf(user)), InteractionSplit.Validation);
            Add(log, dataset, dataset.Test, (user, idOf(user)), InteractionSplit.Test);
        }

        Directory.CreateDirectory(folder);
        InteractionWriter.WriteInteractions(Path.Combine(folder, "interactions.csv"), log);
        return (folder, log.Count);
    }

    private static void Add(InteractionLog log, Dataset dataset, UserItems rows, (int Number, string Id) user, InteractionSplit split)
    {
        var items = rows.Items(user.Number);
        var ratings = rows.Ratings(user.Number);
        var times = rows.Timestamps(user.Number);
        var kinds = rows.Kinds(user.Number);
        for (var i = 0; i < items.Length; i++)
        {
            log.Add(user.Id, dataset.Items[items[i]], ratings.IsEmpty ? null : ratings[i], times.IsEmpty ? null : times[i], split, kinds.IsEmpty ? null : kinds[i]);
        }
    }
}
