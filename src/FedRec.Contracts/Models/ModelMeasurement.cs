using System.Collections.Immutable;

namespace FedRec.Contracts.Models;

/// <summary>Quality of exactly one version's parameters, and what it was measured on.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.model-measurement")]
public sealed record ModelMeasurement
{
    /// <summary><c>validation</c> or <c>test</c>: the held-out items that were ranked.</summary>
    [Id(0)] public required string Split { get; init; }

    /// <summary>How they were held out, in words.</summary>
    [Id(1)] public string Protocol { get; init; } = "";

    /// <summary>SHA-256 of the data with its split: measurements of equal hashes can be compared.</summary>
    [Id(2)] public string DataSha256 { get; init; } = "";

    /// <summary>Users measured.</summary>
    [Id(3)] public int Users { get; init; }

    /// <summary>Means over the users by name, such as <c>ndcg@10</c>.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}
