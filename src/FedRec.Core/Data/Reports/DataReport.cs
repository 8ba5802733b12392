namespace FedRec.Core.Data.Reports;

/// <summary>What a federation may know of its parties' data: size, skew, staleness and drift, without an exact number of any party.</summary>
/// <remarks>The report is a function of what leaves the parties, which is rounded before: parties whose numbers fall into the same buckets
/// cannot be told apart. One number is asked for first, the day of the newest event, since ages are counted from it. Rounding is no
/// differential privacy: who sees a party's reports before and after a change can learn that a bucket's edge was passed.</remarks>
/// <param name="Federation">All parties together.</param>
/// <param name="Parties">Each party, in the order of the data.</param>
/// <param name="DriftOf">What drift compares: tags, or hash buckets of items.</param>
public sealed record DataReport(PartyReport Federation, IReadOnlyList<PartyReport> Parties, string DriftOf)
{
    /// <summary>Users below which a party, or a kind of items within a party, reports nothing.</summary>
    public const int MinimumCohort = 5;

    /// <summary>What is said of a party with fewer users.</summary>
    public const string BelowMinimum = "below the minimum cohort";

    /// <summary>The report of the parties that the data names.</summary>
    /// <exception cref="ArgumentException">The data names none.</exception>
    public static DataReport Of(Dataset dataset) => Of(dataset, ClientPartition.ByParty(dataset));

    /// <summary>The report of the parties that users were dealt to.</summary>
    /// <param name="dataset">Interactions of all splits.</param>
    /// <param name="partition">Who holds which users.</param>
    public static DataReport Of(Dataset dataset, ClientPartition partition)
    {
        List<PartySummary?> Summaries(long? newest) => [.. Enumerable.Range(0, partition.Count).Select(party => PartySummary.Of(dataset, partition.UsersOf(party), newest))];
        return Of(dataset, partition, Summaries(NewestDay(Summaries(newest: null))));
    }

    /// <summary>The newest day of a federation: ages are counted from it.</summary>
    /// <returns>Seconds since 1970; null without times.</returns>
    public static long? NewestDay(IEnumerable<PartySummary?> summaries) => summaries.Max(summary => summary?.NewestDay);

    /// <summary>The report of what left the parties.</summary>
    /// <param name="dataset">The public catalogue; interactions are not looked at.</param>
    /// <param name="partition">The parties.</param>
    /// <param name="summaries">What each party says, with ages; null for one that says nothing. At least one.</param>
    public static DataReport Of(Dataset dataset, ClientPartition partition, IReadOnlyList<PartySummary?> summaries)
    {
        var names = partition.Names ?? [.. Enumerable.Range(1, summaries.Count).Select(number => $"party-{number:D4}")];
        var heard = summaries.OfType<PartySummary>().ToList();
        long[] cells = heard.Count == 0 ? [] : [.. Enumerable.Range(0, heard[0].Cells.Count).Select(cell => heard.Sum(party => party.Cells[cell]))];
        var reports = summaries.Select((summary, party) => summary is null
            ? new PartyReport(names[party]) { Withheld = BelowMinimum }
            : PartyReport.Of(names[party], summary, cells)).ToList();
        return new DataReport(Together([.. reports.Where(report => report.Withheld is null)], dataset.Items.Count), reports, InterestCells.Of(dataset).Name);
    }

    private static PartyReport Together(List<PartyReport> heard, int items)
    {
        var all = new PartyReport("federation");
        if (heard.Count == 0)
        {
            return all with { Withheld = BelowMinimum };
        }

        var (users, interactions) = (heard.Sum(party => party.Users!.Value), heard.Sum(party => party.Interactions!.Value));
        return all with
        {
            Users = Buckets.Count(users),
            Interactions = Buckets.Count(interactions),
            Density = ShareBand.Of(interactions / ((double)users * items)),
            PopularityGini = Middle(heard.Select(party => party.PopularityGini), band => band.From),
            TopTenthShare = Middle(heard.Select(party => party.TopTenthShare), band => band.From),
            MedianAge = Middle(heard.Select(party => party.MedianAge), band => (int)band),
            LastAge = heard.Min(party => party.LastAge),
            Drift = Middle(heard.Select(party => party.Drift), band => band.From),
        };
    }

    private static T? Middle<T>(IEnumerable<T?> bands, Func<T, int> order)
        where T : struct
    {
        var known = bands.OfType<T>().OrderBy(order).ToList();
        return known.Count == 0 ? null : known[(known.Count - 1) / 2];
    }
}
