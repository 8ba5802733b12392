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
