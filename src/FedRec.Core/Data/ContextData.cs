using System.Globalization;
using FedRec.Core.Data.Splits;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data;

/// <summary>Joins the interactions that users have in another domain: items that tell of a user and are never recommended.</summary>
/// <remarks>Users are the same where their ids are. Users of the other domain only are joined too: they can be given recommendations. Ids of
/// the other domain get a prefix, so that equal ids stay two items.</remarks>
internal static class ContextData
{
    /// <summary>Put before the item ids of the other domain.</summary>
    public const string Prefix = "context/";

    /// <summary>Adds the rows of another log behind those of the data's own, all of them for training.</summary>
    /// <param name="log">The data's own rows; changed. Its items keep their numbers.</param>
    /// <param name="catalogue">Of its items.</param>
    /// <param name="context">The rows of the other domain, cleaned.</param>
    /// <param name="contextCatalogue">Of the other domain's items.</param>
    /// <param name="file">The other domain's file, for errors.</param>
    /// <returns>The catalogue of both, with the other domain's items as context.</returns>
    /// <exception cref="DatasetException">No user is in both, an own id has the prefix, or a column is missing or too much.</exception>
    public static ItemCatalogue Join(InteractionLog log, ItemCatalogue catalogue, InteractionLog context, ItemCatalogue contextCatalogue, string file)
    {
        ThrowUnlessUsable(log, context, file);
        var own = log.Items.Count;
        log.CountTimesIn(TimeUnits.Finer(log.TimeUnit, context.TimeUnit));
        var earliest = log.TimestampColumn.IsEmpty ? (long?)null : Min(log.TimestampColumn);
        var splits = !log.SplitColumn.IsEmpty;
        for (var item = 0; item < context.Items.Count; item++)
        {
            log.Items.GetOrAdd(Prefix + context.Items[item]); // in the order of the other catalogue
        }

        for (var row = 0; row < context.Count; row++)
        {
            log.Add(
                context.Users[context.UserColumn[row]],
                log.Items[own + context.ItemColumn[row]],
                log.RatingsWithGaps.IsEmpty ? null : context.RatingColumn.IsEmpty ? float.NaN : context.RatingColumn[row],
                earliest is null || context.TimestampColumn.IsEmpty ? earliest : context.TimeUnit.To(log.TimeUnit, context.TimestampColumn[row]),
                splits ? InteractionSplit.Train : null,
                log.KindColumn.IsEmpty ? null : context.KindColumn[row]);
        }

        return catalogue with
        {
            Titles = [.. catalogue.Titles, .. contextCatalogue.Titles],
            Tags = [.. catalogue.Tags, .. contextCatalogue.Tags],
            Context = [.. catalogue.Context, .. Enumerable.Range(own, context.Items.Count)],
        };
    }

    private static void ThrowUnlessUsable(InteractionLog log, InteractionLog context, string file)
    {
        var prefixed = Enumerable.Range(0, log.Items.Count).Select(item => log.Items[item]).FirstOrDefault(id => id.StartsWith(Prefix, StringComparison.Ordinal));
        if (prefixed is not null)
        {
            throw new DatasetException($"The data has an item '{prefixed}', and '{Prefix}' is what items of the other domain are marked with.", "Rename the item.", file);
        }

        if (context.HeldBy() is not null)
        {
            throw new DatasetException("The context data has a column of parties, whose users are not those of the data.", "Remove the column.", file);
        }

        if (!Enumerable.Range(0, log.Users.Count).Any(user => context.Users.TryGet(log.Users[user], out _)))
        {
            throw new DatasetException("No user of the data is in the context data, which can then tell nothing of them.", "Write the ids of the same people alike in both.", file);
        }

        if (!log.RatingColumn.IsEmpty && context.RatingColumn.IsEmpty)
        {
            throw new DatasetException("The data has ratings, but the context data has none.", "Give both ratings, or neither.", file);
        }

        if (!log.KindColumn.IsEmpty && context.KindColumn.IsEmpty)
        {
            throw new DatasetException("The data has kinds of events, but the context data has none.", "Give both kinds, or neither.", file);
        }
    }

    private static long Min(ReadOnlySpan<long> values)
    {
        var least = long.MaxValue;
        foreach (var value in values)
        {
            least = Math.Min(least, value);
        }

        return least;
    }
}

/// <summary>What was joined from another domain.</summary>
/// <param name="Items">Items of the other domain that users have met.</param>
/// <param name="Interactions">Different pairs of user and such an item.</param>
/// <param name="SharedUsers">Users of the other domain whom the data knows too; at least 1.</param>
/// <param name="NewUsers">Users whom the other domain alone knows, who are users of the data from then on.</param>
/// <param name="Rows">What became of the rows of its file.</param>
public sealed record ContextReport(int Items, int Interactions, int SharedUsers, int NewUsers, LoadReport Rows)
{
    /// <summary>In words, for the reader of a result.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Interactions} interactions with {Items} items of another domain{(Rows.Removed is { } removed ? $" ({removed})" : "")} are known of users, and neither recommended nor held out");

    /// <summary>Counts what a log is about to be joined with.</summary>
    internal static ContextReport Of(InteractionLog log, InteractionLog context, RowTally tally)
    {
        var shared = Enumerable.Range(0, context.Users.Count).Count(user => log.Users.TryGet(context.Users[user], out _));
        var pairs = new HashSet<(int, int)>();
        for (var row = 0; row < context.Count; row++)
        {
            pairs.Add((context.UserColumn[row], context.ItemColumn[row]));
        }

        return new ContextReport(context.Items.Count, pairs.Count, shared, context.Users.Count - shared, tally.Report(context.Count - pairs.Count));
    }
}
