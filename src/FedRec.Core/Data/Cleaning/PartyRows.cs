namespace FedRec.Core.Data.Cleaning;

/// <summary>The rows of one party that are still kept, for the rules that decide which of them go.</summary>
/// <param name="log">Rows of this party and maybe of others, which the rules never look at.</param>
/// <param name="rows">Row numbers of this party, ascending.</param>
internal sealed class PartyRows(InteractionLog log, List<int> rows)
{
    /// <summary>Start of 1990 in seconds since 1970: no service that recommends is older.</summary>
    public const long Earliest = 631_152_000;

    /// <summary>All columns.</summary>
    public InteractionLog Log => log;

    /// <summary>Row numbers that are kept, ascending.</summary>
    public List<int> Rows => rows;

    /// <summary>The middle of the party's times; null when it has none, or when they do not look like seconds since 1970.</summary>
    /// <remarks>Files often number events 1, 2, 3 in place of times. Rules in seconds would destroy them.</remarks>
    public long? MedianTime()
    {
        if (log.TimestampColumn.IsEmpty || rows.Count == 0)
        {
            return null;
        }

        var times = rows.Select(row => log.TimestampColumn[row]).Order().ToArray();
        var median = times[times.Length / 2];
        return median >= Earliest ? median : null;
    }

    /// <summary>Takes rows away.</summary>
    /// <returns>How many they were.</returns>
    public int Remove(IReadOnlySet<int> unwanted) => unwanted.Count == 0 ? 0 : rows.RemoveAll(unwanted.Contains);
}
