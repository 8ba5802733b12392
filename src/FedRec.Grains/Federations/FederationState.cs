using System.Collections.Immutable;
using FedRec.Contracts.Federations;

namespace FedRec.Grains.Federations;

/// <summary>A federation's runs.</summary>
[GenerateSerializer, Alias("fedrec.state.federation")]
internal sealed record FederationState
{
    /// <summary>Ids of its runs, oldest first.</summary>
    [Id(0)] public ImmutableArray<string> Runs { get; init; } = [];

    /// <summary>The run in progress.</summary>
    [Id(1)] public string? ActiveRun { get; init; }

    /// <summary>When a run was last started.</summary>
    [Id(2)] public DateTimeOffset? LastActive { get; init; }

    /// <summary>Whether any client remembers changes of its users' histories.</summary>
    [Id(3)] public bool HasRecorded { get; init; }

    public FederationSummary ToSummary(string name) => new(name, Runs, ActiveRun, LastActive, HasRecorded);
}

/// <summary>All federations of the cluster.</summary>
[GenerateSerializer, Alias("fedrec.state.federation-directory")]
internal sealed record FederationDirectoryState
{
    /// <summary>Names, most recently active first.</summary>
    [Id(0)] public ImmutableArray<string> Names { get; init; } = [];
}
