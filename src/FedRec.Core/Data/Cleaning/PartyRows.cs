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
