namespace FedRec.Core.Data;

/// <summary>Holds each user's last training interaction out.</summary>
internal static class LeaveLastOutSplit
{
    /// <summary>Moves one row of each user from training to another split, and always leaves one for training.</summary>
    /// <param name="log">The interactions.</param>
    /// <param name="rows">The rows by user.</param>
    /// <param name="splits">The split of each row; changed.</param>
    /// <param name="target">Where the held-out rows go.</param>
    /// <param name="minimum">Interactions, of all splits, that a user must have; users with fewer keep all.</param>
    /// <param name="context">Items that are never held out, ascending.</param>
    /// <param name="isLater">Whether a row comes after another one of the same user: the last one is held out.</param>
    public static void HoldOut(
        InteractionLog log, UserRows rows, Span<InteractionSplit> splits, InteractionSplit target, int minimum, IReadOnlyList<int> context, Func<int, int, bool> isLater)
    {
        var never = context.ToHashSet();
        for (var user = 0; user < rows.UserCount; user++)
        {
            var (last, training, all) = (-1, 0, 0);
            foreach (var row in rows[user])
            {
                all += splits[row] == InteractionSplit.Merged ? 0 : 1;
                if (splits[row] == InteractionSplit.Train)
                {
                    training++;
                    last = never.Contains(log.ItemColumn[row]) ? last : last < 0 || isLater(row, last) ? row : last;
                }
            }

            if (all >= minimum && training >= 2 && last >= 0)
            {
                splits[last] = target;
            }
        }
    }
}
