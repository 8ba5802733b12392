namespace FedRec.Contracts.Runs;

/// <summary>What a run is about: pinned by its federation when the run started, and kept with the run. No caller says it: what is simulated is told to the
/// federation (<see cref="Federations.IFederationGrain.SimulateAsync"/>), and clients that keep their data themselves are taken as they are.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.run-source")]
public sealed record RunSource
{
    /// <summary>The data that the silos load; null where clients keep their data themselves. Default: null.</summary>
    [Id(0)] public DataSpec? Simulated { get; init; }

    /// <summary>Whom and what the run is about where clients keep their data themselves; null in a simulation. Default: null.</summary>
    [Id(1)] public HostedData? Hosted { get; init; }

    /// <summary>Whether each user's validation interaction is held out beside the one for testing. Default: false.</summary>
    [Id(2)] public bool HoldOutValidation { get; init; }

    /// <summary>Whether clients add the changes that they remember to the loaded data. Default: false.</summary>
    [Id(3)] public bool RecordedHistory { get; init; }
}

/// <summary>The clients and items of a run over data that clients keep themselves, as they were when it started.</summary>
/// <param name="Clients">Clients 0 to this take part.</param>
/// <param name="Items">Version of the catalogue: items 0 to this are learned.</param>
/// <param name="HasRatings">Whether interactions carry ratings.</param>
[GenerateSerializer, Immutable, Alias("fedrec.hosted-data")]
public sealed record HostedData(
    [property: Id(0)] int Clients,
    [property: Id(1)] int Items,
    [property: Id(2)] bool HasRatings)
{
    /// <summary>Size class of the largest client: by it weights are scaled. Default: 0.</summary>
    [Id(3)] public byte LargestClass { get; init; }

    /// <summary>Users of all clients; 0 where each client is one user. Default: 0.</summary>
    [Id(4)] public int Users { get; init; }
}
