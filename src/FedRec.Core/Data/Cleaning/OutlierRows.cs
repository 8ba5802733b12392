using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Cleaning;

/// <summary>Finds rows with a rating or a time that cannot be meant.</summary>
internal static class OutlierRows
{
    private const long TwentyYears = 20 * 31_557_600L;

    /// <summary>Rows with a rating far from the party's, or a time before 1990 or more than 20 years after the party's median.</summary>
    /// <remarks>The band of ratings is that of the different values and not of the rows: where most rate 5 of 5, the deviation of the rows
    /// is 0, and every honest 1 would be an outlier. Nothing here asks a clock, so that equal rows are cleaned equally on every day.</remarks>
    public static HashSet<int> Find(PartyRows party)
    {
        var (log, found) = (party.Log, new HashSet<int>());
        if (!log.RatingColumn.IsEmpty && party.Rows.Count > 0)
        {
            var band = MedianBand.Of([.. party.Rows.Select(row => (double)log.RatingColumn[row]).Distinct()]);
            found.UnionWith(party.Rows.Where(row => log.RatingColumn[row] < band.Low || log.RatingColumn[row] > band.High));
        }

        if (party.MedianTime() is { } median)
        {
            var (earliest, latest) = (TimeColumn.Earliest * log.TimeUnit.PerSecond(), TwentyYears * log.TimeUnit.PerSecond());
            found.UnionWith(party.Rows.Where(row => log.TimestampColumn[row] < earliest || log.TimestampColumn[row] - median > latest));
        }

        return found;
    }
}
