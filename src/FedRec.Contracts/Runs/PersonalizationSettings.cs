namespace FedRec.Contracts.Runs;

/// <summary>How each client makes the shared model its own when it scores.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.personalization")]
public sealed record PersonalizationSettings
{
    /// <summary><c>fine-tune</c>: further training on the client's own data; <c>additive</c>: a private item table beside the shared one;
    /// <c>interpolate</c>: a part of the way to a local model, chosen on hidden items of the client; <c>clusters</c>: the model of its cluster of
    /// clients with similar updates; or <c>none</c>. Default: none.</summary>
    [Id(0)] public string Method { get; init; } = "none";

    /// <summary>Local steps, 0 to 1,000. Default: 5.</summary>
    [Id(1)] public int Steps { get; init; } = 5;

    /// <summary>Size of a step along the client's own direction, 0 to 1,000; null for 0.1. Default: null.</summary>
    [Id(2)] public double? LearningRate { get; init; }

    /// <summary>L1 of the additive table. Default: 0.01.</summary>
    [Id(3)] public double L1 { get; init; } = 0.01;

    /// <summary>L2 of the additive table. Default: 0.01.</summary>
    [Id(4)] public double L2 { get; init; } = 0.01;

    /// <summary>Clusters, 1 to 16. Default: 2.</summary>
    [Id(5)] public int Clusters { get; init; } = 2;

    /// <summary>Rounds in which the clusters form before their models part from the shared one, 1 to 1,000,000; null for half of the run's.
    /// Default: null.</summary>
    [Id(6)] public int? ClusterWarmUp { get; init; }
}
