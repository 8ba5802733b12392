namespace FedRec.Core.Data.Reports;

/// <summary>What the others may know of a party's data, or of a whole federation's: counts as powers of two, shares and ages in bands.</summary>
/// <param name="Party">The party's name, or <c>federation</c>.</param>
public sealed record PartyReport(string Party)
{
    /// <summary>Why nothing is reported; null when something is.</summary>
    public string? Withheld { get; init; }

    /// <summary>The largest power of two that is not above the number of users.</summary>
    public long? Users { get; init; }

    /// <summary>The largest power of two that is not above the number of interactions.</summary>
    public long? Interactions { get; init; }

    /// <summary>Share of the pairs of users and items that are interactions. For a party, among the items it has.</summary>
    public ShareBand? Density { get; init; }

    /// <summary>Gini coefficient of item popularity, as a share of 1. For a federation, that of its middle party.</summary>
    public ShareBand? PopularityGini { get; init; }

    /// <summary>Share of the interactions that the most popular tenth of the items has. For a federation, that of its middle party.</summary>
    public ShareBand? TopTenthShare { get; init; }

    /// <summary>Age of the median event against the newest day of the federation; null without times. For a federation, that of its middle party.</summary>
    public AgeBand? MedianAge { get; init; }

    /// <summary>Age of the last event against the newest day of the federation; null without times.</summary>
    public AgeBand? LastAge { get; init; }

    /// <summary>Jensen–Shannon divergence of interests from the federation's, as a share of 1 bit; null when too few users share any. For a
    /// federation, that of its middle party.</summary>
    public ShareBand? Drift { get; init; }

    internal static PartyReport Of(string name, PartySummary summary, IReadOnlyList<long> cells) => new(name)
    {
        Users = summary.Users,
        Interactions = summary.Interactions,
        Density = summary.Density,
        PopularityGini = summary.Gini,
        TopTenthShare = summary.TopTenth,
        MedianAge = summary.MedianAge,
        LastAge = summary.LastAge,
        Drift = JensenShannon.Divergence(summary.Cells, cells) is { } drift ? ShareBand.OfDrift(drift) : null,
    };
}
