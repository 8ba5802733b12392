using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Cleaning;

/// <summary>The rows of one party that are still kept, for the rules that decide which of them go.</summary>
/// <param name="log">Rows of this party and maybe of others, which the rules never look at.</param>
/// <param name="rows">Row numbers of this party, ascending.</param>
internal sealed class PartyRows(InteractionLog log, List<int> rows)
{
    /// <summary>All columns.</summary>
    public InteractionLog Log => log;

    /// <summary>Row numbers that are kept, ascending.</summary>
    public List<int> Rows => rows;

    /// <summary>The middle of the party's times; in the unit of the log; null when it has none, or when they only say an order.</summary>
    /// <remarks>Files often number events 1, 2, 3 in place of times. Rules in seconds would destroy them.</remarks>
    public long? MedianTime()
    {
        if (log.TimestampColumn.IsEmpty || rows.Count == 0)
        {
            return null;
        }

        var times = rows.Select(row => log.TimestampColumn[row]).Order().ToArray();
        var median = times[times.Length / 2];
        return median >= TimeColumn.Earliest * log.TimeUnit.PerSecond() ? median : null;
    }

    /// <summary>Takes rows away.</summary>
    /// <returns>How many they were.</returns>
    public int Remove(IReadOnlySet<int> unwanted) => unwanted.Count == 0 ? 0 : rows.RemoveAll(unwanted.Contains);
}

/// <summary>Brings the ratings of a party to the scale from 0 to 1, so that stars of one party and percents of another can be learned together.</summary>
internal static class RatingScale
{
    /// <summary>Maps the party's lowest rating to 0 and its highest to 1, linearly; to 1 when all are equal, as they say only that something was liked.</summary>
    /// <param name="ratings">All ratings; those of the party are changed.</param>
    /// <param name="rows">The rows of the party, held-out ones too: the bounds are those of its scale.</param>
    public static void Apply(float[] ratings, IReadOnlyCollection<int> rows)
    {
        var (low, high) = (rows.Min(row => (double)ratings[row]), rows.Max(row => (double)ratings[row]));
        foreach (var row in rows)
        {
            ratings[row] = high > low ? (float)((ratings[row] - low) / (high - low)) : 1;
        }
    }
}

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
