using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Core.Data.Reports;

namespace FedRec.Grains.Clients;

/// <summary>What parties say of their data, as messages.</summary>
internal static class DataMessages
{
    public static DataSummary ToMessage(PartySummary summary) => new(
        summary.Users, summary.Interactions, ToMessage(summary.Density), ToMessage(summary.Gini), ToMessage(summary.TopTenth),
        (int?)summary.MedianAge, (int?)summary.LastAge, [.. summary.Cells], summary.NewestDay);

    public static PartySummary ToCore(DataSummary summary) => new(
        summary.Users, summary.Interactions, ToCore(summary.Density), ToCore(summary.PopularityGini), ToCore(summary.TopTenthShare),
        (AgeBand?)summary.MedianAgeDays, (AgeBand?)summary.LastAgeDays, summary.Interests, summary.NewestDay);

    public static DataReportAnswer ToMessage(DataReport report, string runKey)
    {
        var heard = report.Parties.Where(party => party.Withheld is null).ToList();
        return new DataReportAnswer(
            runKey, heard.Count == 0 ? null : ToMessage(report.Federation), [.. heard.Select(ToMessage)], report.Parties.Count - heard.Count,
            DataReport.MinimumCohort, report.DriftOf);
    }

    private static PartyData ToMessage(PartyReport party) => new(
        party.Party, party.Users!.Value, party.Interactions!.Value, ToMessage(party.Density!.Value), ToMessage(party.PopularityGini!.Value),
        ToMessage(party.TopTenthShare!.Value), (int?)party.MedianAge, (int?)party.LastAge, party.Drift is { } drift ? ToMessage(drift) : null);

    private static PercentBand ToMessage(ShareBand band) => new(band.From, band.To);

    private static ShareBand ToCore(PercentBand band) => new(band.From, band.To);
}
