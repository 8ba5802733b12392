using FedRec.Core.Randomness;

namespace FedRec.Core.Data.Splits;

/// <summary>Which of two rows is the last one: by time, then by place in the file; without times by place in the file.</summary>
/// <remarks>Where rows have kinds, the stronger kind comes last in any case: of a user who bought things, the last purchase is meant.</remarks>
internal static class RowOrder
{
    public static bool IsLater(InteractionLog log, int row, int than)
    {
        if (IsOfAnotherKind(log, row, than))
        {
            return log.KindColumn[row] > log.KindColumn[than];
        }

        var times = log.TimestampColumn;
        return times.IsEmpty || times[row] == times[than] ? row > than : times[row] > times[than];
    }

    /// <summary>Whether a row comes after another one of the same user in an order drawn at random.</summary>
    /// <remarks>For data without times, where the order of a file says nothing of what came last: it is often that of the items, and what is held out
    /// by it is not of the kind that is to be found later. The draw depends on the seed and on the ids alone, so neither on the order of the rows nor on the silo.</remarks>
    public static bool IsDrawnLater(InteractionLog log, int row, int than, ulong seed) => IsOfAnotherKind(log, row, than)
        ? log.KindColumn[row] > log.KindColumn[than]
        : Draw(log, row, seed).CompareTo(Draw(log, than, seed)) is not 0 and var order ? order > 0 : row > than;

    /// <summary>Whether a row comes before another one of the same user: by kind, the stronger one first, then by time, then as drawn.</summary>
    public static bool IsEarlier(InteractionLog log, int row, int than, ulong seed) =>
        IsOfAnotherKind(log, row, than) ? log.KindColumn[row] > log.KindColumn[than]
        : log.TimestampColumn[row] != log.TimestampColumn[than] ? log.TimestampColumn[row] < log.TimestampColumn[than]
        : IsDrawnLater(log, row, than, seed);

    private static bool IsOfAnotherKind(InteractionLog log, int row, int than) => !log.KindColumn.IsEmpty && log.KindColumn[row] != log.KindColumn[than];

    private static ulong Draw(InteractionLog log, int row, ulong seed) =>
        SeedSequence.For(seed, $"validation\n{log.Users[log.UserColumn[row]]}\n{log.Items[log.ItemColumn[row]]}").NextUInt64();
}
