using System.Collections.Immutable;
using System.Text.Json.Serialization;

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
/// <param name="Items">Version of the catalogue: items 0 to this are learned; see <see cref="Corrections"/> and <see cref="CatalogueSha256"/>.</param>
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

    /// <summary>Interactions of all clients at least: the lower ends of their size classes added up; they are less than twice as many. Default: 0.</summary>
    [Id(5)] public long Interactions { get; init; }

    /// <summary>Size class of each client, in the order of their numbers, where the run limits shares: by it they are weighted. Default: empty.</summary>
    [Id(6)] public ReadOnlyMemory<byte> SizeClasses { get; init; }

    /// <summary>Numbers of the clients that take part, ascending, where the request selects some; null for all. Default: null.</summary>
    [Id(9), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public ImmutableArray<int>? Chosen { get; init; }

    /// <summary>Corrections of the catalogue that the version has. Default: 0.</summary>
    [Id(8)] public int Corrections { get; init; }

    /// <summary>SHA-256 of that version of the catalogue, which every silo checks what it has read by; empty for runs of older programs. Default: empty.</summary>
    public string CatalogueSha256
    {
        get => _catalogueSha256 ?? "";
        init => _catalogueSha256 = value;
    }

    [Id(7)] private readonly string? _catalogueSha256; // null in bytes of before: they are read without initialisers
}
