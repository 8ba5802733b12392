namespace FedRec.Core.Data.Reports;

/// <summary>All that leaves a party for the report: powers of two and bands.</summary>
/// <param name="Users">A power of two.</param>
/// <param name="Interactions">A power of two.</param>
/// <param name="Density">Share of the pairs of its users and its items that are interactions.</param>
/// <param name="Gini">Gini coefficient of the popularity of its items.</param>
/// <param name="TopTenth">Share of its interactions that the most popular tenth of its items has.</param>
/// <param name="MedianAge">Age of its median event; null without times.</param>
/// <param name="LastAge">Age of its last event; null without times.</param>
/// <param name="Cells">Powers of two: interactions of each kind of item; 0 where too few users have one.</param>
internal sealed record PartySummary(
    long Users, long Interactions, ShareBand Density, ShareBand Gini, ShareBand TopTenth, AgeBand? MedianAge, AgeBand? LastAge, IReadOnlyList<long> Cells)
{
    /// <summary>Rounds what a party counted.</summary>
    /// <param name="own">At least one interaction.</param>
    /// <param name="newest">End of the newest day of the federation; null without times.</param>
    public static PartySummary Of(PartyHoldings own, long? newest)
    {
        var perItem = own.PerItem.Where(count => count > 0).Order().ToArray();
        var interactions = own.Interactions;
        return new PartySummary(
            Buckets.Count(own.Users),
            Buckets.Count(interactions),
            ShareBand.Of(interactions / ((double)own.Users * perItem.Length)),
            ShareBand.Of(DatasetProfile.Gini(perItem)),
            ShareBand.Of(perItem.TakeLast((perItem.Length + 9) / 10).Sum(count => (double)count) / interactions),
            Age(own, own.Times.Length / 2, newest),
            Age(own, own.Times.Length - 1, newest),
            [.. own.Cells.Select((count, cell) => own.CellUsers[cell] < DataReport.MinimumCohort ? 0 : Buckets.Count(count))]);
    }

    private static AgeBand? Age(PartyHoldings own, int place, long? newest) =>
        own.Times.Length == 0 || newest is null ? null : Buckets.Age(own.Times[place], newest.Value);
}
