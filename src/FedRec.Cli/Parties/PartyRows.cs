using FedRec.Contracts.Histories;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>The rows of a party as they stand in its file or database.</summary>
internal static class PartyRows
{
    private const string OnlyUser = "self";

    /// <summary>Reads them.</summary>
    /// <exception cref="DatasetException">They cannot be read.</exception>
    /// <exception cref="CliException">The database's provider cannot be loaded.</exception>
    public static RemoteTrainer Open(PartyMembership membership, FederationParts parts)
    {
        if (membership.Reading.Provider is { } provider)
        {
            DatabaseProviders.Register(provider);
        }

        var file = InteractionFile.Read(membership.Data, membership.Reading);
        var isOne = !membership.Code.HasManyUsers;
        return new RemoteTrainer(parts, file.Rows.Select(row => new HistoryChange(isOne ? OnlyUser : row.User, HistoryChangeKind.Added, row.Item, row.Rating) { Time = row.Time }));
    }

    /// <summary>When they were last changed; null where only reading them again tells, as of a database.</summary>
    public static DateTime? LastWrite(PartyMembership membership) => membership.Reading.Query is not null ? null
        : Directory.Exists(membership.Data) ? Directory.EnumerateFiles(membership.Data).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty().Max() : File.GetLastWriteTimeUtc(membership.Data);

    /// <summary>Where they are, in words without a secret.</summary>
    public static string Place(PartyMembership membership) => membership.Reading.Provider is null ? membership.Data : $"the database of {membership.Data}";
}
