using System.Buffers;
using System.Globalization;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Splits;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data;

/// <summary>Writes generated rows as CSV (RFC 4180, LF), so that the reader gets the same rows back.</summary>
internal static class InteractionWriter
{
    private static readonly SearchValues<char> s_special = SearchValues.Create(",\"\r\n#\uFEFF");

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
                WriteTime(text, log.TimestampColumn[row], log.TimeUnit);
            }

            if (hasSplit)
            {
                text.Write(log.SplitColumn[row] switch { InteractionSplit.Test => ",test", InteractionSplit.Validation => ",validation", _ => ",train" });
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

    // Seconds, with a fraction where the unit is finer: so read they are the same instants, whatever the other rows say.
    private static void WriteTime(TextWriter text, long time, TimeUnit unit)
    {
        var (whole, fraction) = Math.DivRem(time, unit.PerSecond());
        text.Write(whole == 0 && fraction < 0 ? "-0" : whole.ToString(CultureInfo.InvariantCulture));
        text.Write(fraction == 0 ? "" : $".{Math.Abs(fraction).ToString($"D{3 * (int)unit}", CultureInfo.InvariantCulture)}");
    }

    // Blanks at the ends belong to a quoted field only, and some tools take # for a comment.
    private static string Quote(string field) =>
        !field.AsSpan().ContainsAny(s_special) && field.AsSpan().Trim().Length == field.Length ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
