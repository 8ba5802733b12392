using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Splits;

namespace FedRec.Core.Data;

/// <summary>The rows of a log grouped by user: user u owns <c>Rows[Offsets[u]..Offsets[u + 1]]</c>, by item, then file order.</summary>
internal sealed class UserRows
{
    private readonly int[] _offsets;
    private readonly int[] _rows;

    private UserRows(int[] offsets, int[] rows) => (_offsets, _rows) = (offsets, rows);

    public int UserCount => _offsets.Length - 1;

    /// <summary>Row numbers of one user.</summary>
    public ReadOnlySpan<int> this[int user] => _rows.AsSpan(_offsets[user].._offsets[user + 1]);

    /// <summary>Groups by counting, so that the order of the file survives; then orders each user's rows by item.</summary>
    public static UserRows Group(InteractionLog log)
    {
        var users = log.UserColumn;
        var offsets = new int[log.Users.Count + 1];
        foreach (var user in users)
        {
            offsets[user + 1]++;
        }

        for (var user = 0; user < log.Users.Count; user++)
        {
            offsets[user + 1] += offsets[user];
        }

        var rows = new int[users.Length];
        var next = offsets.AsSpan(..^1).ToArray();
        for (var row = 0; row < users.Length; row++)
        {
            rows[next[users[row]]++] = row;
        }

        SortByItem(log.ItemColumn, offsets, rows);
        return new UserRows(offsets, rows);
    }

    /// <summary>The rows of one split, with ratings, times, kinds and weights beside them.</summary>
    /// <param name="log">The interactions.</param>
    /// <param name="splits">The split of each row.</param>
    /// <param name="split">The split to take.</param>
    /// <param name="weightColumn">What each row counts; empty when all count 1.</param>
    public UserItems Pack(InteractionLog log, ReadOnlySpan<InteractionSplit> splits, InteractionSplit split, ReadOnlySpan<float> weightColumn)
    {
        var count = splits.Count(split);
        var (offsets, items) = (new int[_offsets.Length], new int[count]);
        var ratings = log.RatingColumn.IsEmpty ? [] : new float[count];
        var timestamps = log.TimestampColumn.IsEmpty ? [] : new long[count];
        var kinds = log.KindColumn.IsEmpty ? [] : new EventKind[count];
        var weights = weightColumn.IsEmpty ? [] : new float[count];
        var n = 0;
        for (var user = 0; user < UserCount; user++)
        {
            foreach (var row in this[user])
            {
                if (splits[row] == split)
                {
                    Set(items, n, log.ItemColumn, row);
                    Set(ratings, n, log.RatingColumn, row);
                    Set(timestamps, n, log.TimestampColumn, row);
                    Set(kinds, n, log.KindColumn, row);
                    Set(weights, n, weightColumn, row);
                    n++;
                }
            }

            offsets[user + 1] = n;
        }

        return new UserItems(offsets, items, ratings, timestamps, weights, kinds);
    }

    private static void Set<T>(T[] target, int position, ReadOnlySpan<T> column, int row)
    {
        if (!column.IsEmpty)
        {
            target[position] = column[row];
        }
    }

    private static void SortByItem(ReadOnlySpan<int> items, int[] offsets, int[] rows)
    {
        var keys = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            keys[i] = ((long)items[rows[i]] << 32) | (uint)rows[i]; // item first, file order within it
        }

        for (var user = 0; user < offsets.Length - 1; user++)
        {
            keys.AsSpan(offsets[user]..offsets[user + 1]).Sort();
        }

        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = (int)keys[i];
        }
    }
}

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
