using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Splits;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Cleaning;

/// <summary>Finds events that were recorded more than once: by a double click, or a message that was sent again.</summary>
internal static class RepeatedEvents
{
    private const long Window = 60;

    /// <summary>Rows with the user, item, kind, rating and split of a kept row at most a minute before; the same time, where times only say an order.</summary>
    public static HashSet<int> Find(PartyRows party)
    {
        var (log, window, found) = (party.Log, party.MedianTime() is null ? 0 : Window * party.Log.TimeUnit.PerSecond(), new HashSet<int>());
        var kept = -1;
        foreach (var row in party.Rows.OrderBy(row => Event(log, row)).ThenBy(row => Time(log, row)).ThenBy(row => row))
        {
            if (kept >= 0 && Event(log, row) == Event(log, kept) && Time(log, row) - Time(log, kept) <= window)
            {
                found.Add(row);
            }
            else
            {
                kept = row;
            }
        }

        return found;
    }

    private static (int User, int Item, float Rating, InteractionSplit Split, EventKind Kind) Event(InteractionLog log, int row) => (
        log.UserColumn[row],
        log.ItemColumn[row],
        log.RatingColumn.IsEmpty ? 0 : log.RatingColumn[row],
        log.SplitColumn.IsEmpty ? InteractionSplit.Train : log.SplitColumn[row],
        log.KindColumn.IsEmpty ? default : log.KindColumn[row]);

    private static long Time(InteractionLog log, int row) => log.TimestampColumn.IsEmpty ? 0 : log.TimestampColumn[row];
}
