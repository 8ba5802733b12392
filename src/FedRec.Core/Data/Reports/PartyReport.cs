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

/// <summary>All that leaves a party for the report: powers of two and bands.</summary>
/// <param name="Users">A power of two.</param>
/// <param name="Interactions">A power of two.</param>
/// <param name="Density">Share of the pairs of its users and its items that are interactions.</param>
/// <param name="Gini">Gini coefficient of the popularity of its items.</param>
/// <param name="TopTenth">Share of its interactions that the most popular tenth of its items has.</param>
/// <param name="MedianAge">Age of its median event; null without times.</param>
/// <param name="LastAge">Age of its last event; null without times.</param>
/// <param name="Cells">Powers of two: interactions of each kind of item; 0 where too few users have one.</param>
/// <param name="NewestDay">End of the day of its last event, in seconds since 1970; null without times.</param>
public sealed record PartySummary(
    long Users,
    long Interactions,
    ShareBand Density,
    ShareBand Gini,
    ShareBand TopTenth,
    AgeBand? MedianAge,
    AgeBand? LastAge,
    IReadOnlyList<long> Cells,
    long? NewestDay)
{
    /// <summary>Counts a party's rows of all splits, and rounds.</summary>
    /// <param name="dataset">The party's rows, and maybe others, which are not looked at.</param>
    /// <param name="users">The party's users.</param>
    /// <param name="newest">End of the newest day of the federation, in seconds since 1970; null while it is not known: then ages are null.</param>
    /// <returns>Null below <see cref="DataReport.MinimumCohort"/>: the party says nothing.</returns>
    public static PartySummary? Of(Dataset dataset, ReadOnlyMemory<int> users, long? newest)
    {
        if (users.Length < DataReport.MinimumCohort)
        {
            return null; // before any counting: most clients of a simulation are one user
        }

        var own = PartyTally.Of(dataset, users.ToArray(), InterestCells.Of(dataset));
        return own.Users < DataReport.MinimumCohort ? null : Of(own, newest);
    }

    private static PartySummary Of(PartyTally own, long? newest)
    {
        var perItem = own.PerItem.Where(count => count > 0).Order().ToArray();
        var interactions = own.Interactions;
        return new PartySummary(
            Buckets.Count(own.Users),
            Buckets.Count(interactions),
            ShareBand.Of(interactions / ((double)own.Users * perItem.Length)),
            ShareBand.Of(Concentration.Gini(perItem)),
            ShareBand.Of(Concentration.TopTenthShare(perItem)),
            Age(own, own.Times.Length / 2, newest),
            Age(own, own.Times.Length - 1, newest),
            [.. own.Cells.Select((count, cell) => own.CellUsers[cell] < DataReport.MinimumCohort ? 0 : Buckets.Count(count))],
            own.Times.Length == 0 ? null : Buckets.EndOfDay(own.Times[^1]));
    }

    private static AgeBand? Age(PartyTally own, int place, long? newest) =>
        own.Times.Length == 0 || newest is null ? null : Buckets.Age(own.Times[place], newest.Value);
}
