namespace FedRec.Contracts.Runs;

/// <summary>Another federation that a run begins at, such as one that was trained on public data.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.warm-start-source")]
public sealed record WarmStartSource
{
    /// <summary>Its name.</summary>
    [Id(0)] public required string Federation { get; init; }

    /// <summary>By what items of both catalogues are taken for the same: <c>id</c> or <c>title</c>. Default: id.</summary>
    [Id(1)] public string Match { get; init; } = "id";
}
