using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Splits;

namespace FedRec.Core.Data;

/// <summary>Merges rows of the same user and item into the latest of their strongest kind, which counts as much as any of them.</summary>
internal static class DuplicateMerge
{
    /// <summary>Marks the rows that are merged away.</summary>
    /// <param name="log">The interactions.</param>
    /// <param name="rows">Them by user and item.</param>
    /// <param name="splits">The split of each row; changed.</param>
    /// <param name="weights">What rows count; null when all count alike.</param>
    /// <returns>How many they are.</returns>
    public static long Apply(InteractionLog log, UserRows rows, Span<InteractionSplit> splits, RowWeights? weights = null)
    {
        var merged = 0L;
        for (var user = 0; user < rows.UserCount; user++)
        {
            var latest = -1;
            foreach (var row in rows[user])
            {
                if (latest >= 0 && log.ItemColumn[row] == log.ItemColumn[latest])
                {
                    var earlier = RowOrder.IsLater(log, row, latest) ? latest : row;
                    latest = earlier == latest ? row : latest;
                    splits[earlier] = InteractionSplit.Merged;
                    weights?.Merge(earlier, latest);
                    merged++;
                }
                else
                {
                    latest = row;
                }
            }
        }

        return merged;
    }
}
