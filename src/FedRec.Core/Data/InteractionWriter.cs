using System.Globalization;
using FedRec.Core.Data.Behaviours;

namespace FedRec.Core.Data;

/// <summary>Writes generated rows as CSV (RFC 4180, LF), so that the reader gets the same rows back.</summary>
internal static class InteractionWriter
{
    public static void WriteInteractions(string file, InteractionLog log) => WriteInteractions(file, log, user => log.Users[user]);

    /// <summary>Writes the rows with other names for the users.</summary>
    public static void WriteInteractions(string file, InteractionLog log, Func<int, string> nameOf)
    {
        using var text = new StreamWriter(file) { NewLine = "\n" };
        var (hasRating, hasTime, hasSplit, hasKind) = (!log.RatingsWithGaps.IsEmpty, !log.TimestampColumn.IsEmpty, !log.SplitColumn.IsEmpty, !log.KindColumn.IsEmpty);
        text.WriteLine($"user,item{(hasRating ? ",rating" : "")}{(hasTime ? ",timestamp" : "")}{(hasSplit ? ",split" : "")}{(hasKind ? ",kind" : "")}");
        for (var row = 0; row < log.Count; row++)
        {
            text.Write(Quote(nameOf(log.UserColumn[row])));
            text.Write(',');
            text.Write(Quote(log.Items[log.ItemColumn[row]]));
            if (hasRating)
            {
                text.Write(',');
                var rating = log.RatingsWithGaps[row];
                text.Write(float.IsNaN(rating) ? "" : rating.ToString("R", CultureInfo.InvariantCulture));
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

            if (hasKind)
            {
                text.Write(',');
                text.Write(EventKinds.NameOf(log.KindColumn[row]));
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
