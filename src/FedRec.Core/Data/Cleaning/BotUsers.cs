using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Cleaning;

/// <summary>Finds users that are programs: far more active than others of their party, or faster than a person.</summary>
internal static class BotUsers
{
    private const int LeastEvents = 200, EventsOfMinute = 60;
    private const long Minute = 60;

    // Where users are nearly alike, one is a bot only with ten times the events of the median: a few honest users are very active.
    private static readonly double s_leastDeviation = Math.Log(10) / MedianBand.Reach;

    /// <summary>All rows of such users.</summary>
    public static HashSet<int> Find(PartyRows party)
    {
        var users = party.Rows.GroupBy(row => party.Log.UserColumn[row]).Select(user => user.ToArray()).ToList();
        if (users.Count == 0)
        {
            return [];
        }

        var most = MedianBand.Of([.. users.Select(rows => Math.Log(rows.Length))], s_leastDeviation).High;
        var seconds = party.MedianTime() is not null;
        return [.. users.Where(rows => (rows.Length >= LeastEvents && Math.Log(rows.Length) > most) || (seconds && IsTooFast(party.Log, rows))).SelectMany(rows => rows)];
    }

    private static bool IsTooFast(InteractionLog log, int[] rows)
    {
        if (rows.Length <= EventsOfMinute)
        {
            return false;
        }

        var times = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            times[i] = log.TimestampColumn[rows[i]];
        }

        Array.Sort(times);
        return Enumerable.Range(EventsOfMinute, times.Length - EventsOfMinute).Any(last => times[last] - times[last - EventsOfMinute] < Minute * log.TimeUnit.PerSecond());
    }
}

/// <summary>Values that are not far from the median, measured by the median absolute deviation (MAD).</summary>
/// <remarks>Hampel 1974: 1.4826 · MAD estimates the standard deviation of normal values, and half of them may be wrong.</remarks>
/// <param name="Low">Least value that is not far away.</param>
/// <param name="High">Greatest such value.</param>
internal readonly record struct MedianBand(double Low, double High)
{
    /// <summary>Standard deviations from the median to the ends of the band.</summary>
    public const double Reach = 6;

    private const double PerDeviation = 1.4826;

    /// <summary>The band around the median of values.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="leastDeviation">Standard deviation below which the values are taken to vary by that much.</param>
    public static MedianBand Of(IReadOnlyCollection<double> values, double leastDeviation = 0)
    {
        var median = Median([.. values]);
        var deviation = Math.Max(leastDeviation, PerDeviation * Median([.. values.Select(value => Math.Abs(value - median))]));
        return new MedianBand(median - (Reach * deviation), median + (Reach * deviation));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
