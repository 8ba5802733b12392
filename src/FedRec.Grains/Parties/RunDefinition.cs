using FedRec.Contracts.Runs;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Parties;

namespace FedRec.Grains.Parties;

/// <summary>What every silo knows of a run: nothing of it is about a single client.</summary>
/// <param name="Request">What was asked for, defaults filled in.</param>
/// <param name="Source">What the run is about.</param>
/// <param name="Catalogue">The items.</param>
/// <param name="Shape">What interactions carry, and how many clients there are.</param>
/// <param name="Data">What is said of the data to people, and by which it is known again.</param>
/// <param name="Parties">Where the clients' data is.</param>
/// <param name="Sizes">Training interactions of each client, as far as they are told: by them weights and shares are limited.</param>
internal sealed record RunDefinition(RunRequest Request, RunSource Source, FederationCatalogue Catalogue, FederationShape Shape, DataDescription Data, IPartyData Parties, Lazy<int[]> Sizes)
{
    /// <summary>A run over a data set that is dealt to clients.</summary>
    public static RunDefinition Of(RunRequest request, RunSource source, Dataset dataset, ClientPartition partition) => new(
        request, source, FederationCatalogue.Of(dataset), FederationShape.Of(dataset, partition.Count), DataDescription.Of(dataset), new SimulatedParties(dataset, partition),
        new Lazy<int[]>(() => [.. partition.Clients.Select(client => client.InteractionCount)]));
}

/// <summary>What is said of a run's data.</summary>
/// <param name="Name">Short name for people.</param>
/// <param name="Protocol">How it is split.</param>
/// <param name="Hash">SHA-256 by which equal data is known.</param>
/// <param name="Numbered">SHA-256 of the same with the order of clients and items.</param>
internal sealed record DataDescription(string Name, string Protocol, Lazy<string> Hash, Lazy<string> Numbered)
{
    /// <summary>Interactions of all splits, as far as they are known.</summary>
    public long Interactions { get; init; }

    /// <summary>What people should know of it.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public static DataDescription Of(Dataset dataset) => new(
        dataset.Name, dataset.Protocol, new Lazy<string>(() => dataset.Sha256), new Lazy<string>(() => dataset.NumberedSha256))
    {
        Interactions = dataset.Train.Count + dataset.Validation.Count + dataset.Test.Count + (dataset.ColdTest?.Count ?? 0),
        Notes = dataset.Report.Notes,
    };
}
