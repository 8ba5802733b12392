namespace FedRec.Core.Data;

/// <summary>Where a federation's interactions come from and how they are split.</summary>
/// <remarks>Equal options give the same <see cref="Dataset"/>, so a silo may open its own copy.</remarks>
public sealed record DatasetOptions
{
    /// <summary>A file, a folder with a known file in it, or <see langword="null"/> for the built-in synthetic catalogue. Default: null.</summary>
    public string? Path { get; init; }

    /// <summary>Users of the synthetic catalogue. Default: 1000.</summary>
    public int SyntheticUsers { get; init; } = 1_000;

    /// <summary>Items of the synthetic catalogue. Default: 800.</summary>
    public int SyntheticItems { get; init; } = 800;

    /// <summary>Seed of the synthetic catalogue. Default: 1.</summary>
    public ulong SyntheticSeed { get; init; } = 1;

    /// <summary>Also holds each user's last training interaction out for early stopping. Default: false.</summary>
    public bool HoldOutValidation { get; init; }

    /// <summary>Share of bad rows above which loading fails, in [0, 1]. Default: 0.01.</summary>
    public double MaxBadRowShare { get; init; } = 0.01;
}
