namespace FedRec.Core.Data;

/// <summary>Which of two rows is the later one: by time, then by place in the file; without times by place in the file.</summary>
internal static class RowOrder
{
    public static bool IsLater(InteractionLog log, int row, int than)
    {
        var times = log.TimestampColumn;
        return times.IsEmpty || times[row] == times[than] ? row > than : times[row] > times[than];
    }
}
