namespace FedRec.Core.Data;

/// <summary>Which of two rows is the last one: by time, then by place in the file; without times by place in the file.</summary>
/// <remarks>Where rows have kinds, the stronger kind comes last in any case: of a user who bought things, the last purchase is meant.</remarks>
internal static class RowOrder
{
    public static bool IsLater(InteractionLog log, int row, int than)
    {
        var kinds = log.KindColumn;
        if (!kinds.IsEmpty && kinds[row] != kinds[than])
        {
            return kinds[row] > kinds[than];
        }

        var times = log.TimestampColumn;
        return times.IsEmpty || times[row] == times[than] ? row > than : times[row] > times[than];
    }
}
