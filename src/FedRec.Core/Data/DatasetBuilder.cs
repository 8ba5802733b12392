namespace FedRec.Core.Data;

/// <summary>Turns a log into a dataset: merges repeats, splits, and packs the rows.</summary>
internal static class DatasetBuilder
{
    private const string Ranking = "full-catalogue ranking, training items removed, ties averaged";

    public static Dataset Build(string name, InteractionLog log, ItemCatalogue catalogue, RowTally tally, bool holdOutValidation)
    {
        var rows = UserRows.Group(log);
        var splits = log.SplitColumn.IsEmpty ? new InteractionSplit[log.Count] : log.SplitColumn.ToArray();
        var duplicates = DuplicateMerge.Apply(log, rows, splits);
        if (log.SplitColumn.IsEmpty)
        {
            LeaveLastOutSplit.HoldOut(log, rows, splits, InteractionSplit.Test, minimum: 2);
        }

        if (holdOutValidation)
        {
            LeaveLastOutSplit.HoldOut(log, rows, splits, InteractionSplit.Validation, minimum: 3);
        }

        return new Dataset(
            name,
            log.Users,
            log.Items,
            catalogue,
            rows.Pack(log, splits, InteractionSplit.Train),
            rows.Pack(log, splits, InteractionSplit.Validation),
            rows.Pack(log, splits, InteractionSplit.Test),
            Protocol(log, holdOutValidation),
            tally.Report(duplicates));
    }

    private static string Protocol(InteractionLog log, bool holdOutValidation)
    {
        var order = log.TimestampColumn.IsEmpty ? "file order" : "time";
        var split = log.SplitColumn.IsEmpty ? $"leave-last-out by {order}" : "explicit train/test split";
        return holdOutValidation
            ? $"{split}, last training interaction by {order} held out for validation, {Ranking.Replace("training items", "training and validation items", StringComparison.Ordinal)}"
            : $"{split}, {Ranking}";
    }
}
