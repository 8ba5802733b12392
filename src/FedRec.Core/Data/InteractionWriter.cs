using System.Globalization;

namespace FedRec.Core.Data;

/// <summary>Writes generated rows as CSV (RFC 4180, LF), so that the reader gets the same rows back.</summary>
internal static class InteractionWriter
{
    public static void WriteInteractions(string file, InteractionLog log)
    {
        using var text = new StreamWriter(file) { NewLine = "\n" };
        var (hasRating, hasTime, hasSplit) = (!log.RatingColumn.IsEmpty, !log.TimestampColumn.IsEmpty, !log.SplitColumn.IsEmpty);
        text.WriteLine($"user,item{(hasRating ? ",rating" : "")}{(hasTime ? ",timestamp" : "")}{(hasSplit ? ",split" : "")}");
        for (var row = 0; row < log.Count; row++)
        {
            text.Write(Quote(log.Users[log.UserColumn[row]]));
            text.Write(',');
            text.Write(Quote(log.Items[log.ItemColumn[row]]));
            if (hasRating)
            {
                text.Write(',');
                text.Write(log.RatingColumn[row].ToString("R", CultureInfo.InvariantCulture));
            }

            if (hasTime)
            {
                text.Write(',');
                text.Write(log.TimestampColumn[row]);
            }

            if (hasSplit)
            {
                text.Write(log.SplitColumn[row] == InteractionSplit.Test ? ",test" : ",train");
            }

            text.WriteLine();
        }
    }

    public static void WriteItems(string file, IdMap items, ItemCatalogue catalogue)
    {
        using var text = new StreamWriter(file) { NewLine = "\n" };
        text.WriteLine("item,title,tags");
        for (var item = 0; item < items.Count; item++)
        {
            text.WriteLine($"{Quote(items[item])},{Quote(catalogue.Titles[item])},{Quote(string.Join('|', catalogue.Tags[item]))}");
        }
    }

    private static string Quote(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
