using FedRec.Contracts.Histories;
using FedRec.Core.Data;
using FedRec.Core.Data.Alignment;
using FedRec.Core.Data.Readers;
using FedRec.Core.Federation;
using FedRec.Core.Randomness;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>The rows of a party as they stand in its file or database.</summary>
internal static class PartyRows
{
    private const string OnlyUser = "self";

    /// <summary>Reads them.</summary>
    /// <exception cref="DatasetException">They cannot be read.</exception>
    /// <exception cref="CliException">The database's provider cannot be loaded.</exception>
    public static RemoteTrainer Open(PartyMembership membership, FederationParts parts) => Open(membership, parts, Read(membership, part: null));

    /// <summary>A party with the rows of a file.</summary>
    /// <param name="membership">Where it belongs to.</param>
    /// <param name="parts">What orders can name.</param>
    /// <param name="file">The rows.</param>
    /// <param name="noise">From which it draws noise of its own; null where it is not to train. Default: null.</param>
    /// <exception cref="DatasetException">Titles are to be matched, and it has none.</exception>
    public static RemoteTrainer Open(PartyMembership membership, FederationParts parts, InteractionFile file, SecretKey? noise = null)
    {
        if (membership.MatchesById)
        {
            return new RemoteTrainer(parts, Changes(membership, file), key: noise);
        }

        var titles = Enumerable.Range(0, file.Items.Count).Where(item => file.Catalogue.Titles[item] != file.Items[item]).ToDictionary(item => file.Items[item], item => file.Catalogue.Titles[item]); // without a list it is called by its id
        using var key = membership.KeyFile is { } secret ? SharedSecret.Read(secret) : null;
        return membership.MatchesTitles && titles.Count == 0
            ? throw new DatasetException("None of the party's items has a title.", "Put an items.csv with the columns item and title beside the data, or match by id.", membership.Data)
            : new RemoteTrainer(parts, Changes(membership, file), new ItemMatching(membership.MatchesTitles, key), titles, noise);
    }

    /// <summary>Reads a part of them.</summary>
    /// <param name="membership">Where they are.</param>
    /// <param name="part">Which part; null for all.</param>
    /// <exception cref="DatasetException">They cannot be read.</exception>
    /// <exception cref="CliException">The database's provider cannot be loaded.</exception>
    public static InteractionFile Read(PartyMembership membership, FilePart? part)
    {
        if (membership.Reading.Provider is { } provider)
        {
            DatabaseProviders.Register(provider);
        }

        return InteractionFile.Read(membership.Data, membership.Reading with { Part = part });
    }

    /// <summary>The rows as what users did.</summary>
    public static IEnumerable<HistoryChange> Changes(PartyMembership membership, InteractionFile file) =>
        file.Rows.Select(row => new HistoryChange(membership.Code.HasManyUsers ? row.User : OnlyUser, HistoryChangeKind.Added, row.Item, row.Rating) { Time = row.Time });

    /// <summary>When they were last changed; null where only reading them again tells, as of a database.</summary>
    public static DateTime? LastWrite(PartyMembership membership) => membership.Reading.Query is not null ? null
        : Directory.Exists(membership.Data) ? Directory.EnumerateFiles(membership.Data).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty().Max() : File.GetLastWriteTimeUtc(membership.Data);

    /// <summary>Where they are, in words without a secret.</summary>
    public static string Place(PartyMembership membership) => membership.Reading.Provider is null ? membership.Data : $"the database of {membership.Data}";
}
