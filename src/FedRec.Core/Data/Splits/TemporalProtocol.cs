using System.Globalization;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Splits;

/// <summary>A temporal split in words: where it cuts, and what came of the rows that are neither trained on nor in a mean.</summary>
internal static class TemporalProtocol
{
    public static string Of(InteractionLog log, ReadOnlySpan<InteractionSplit> splits, TimeCut cut, double share)
    {
        var within = log.KindColumn.IsEmpty ? "" : " within the user's strongest kind of event there";
        var validates = cut.Validation < cut.Test;
        var (from, until) = (Words(log, cut.Test), Words(log, cut.Validation));
        var percent = string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.##} % of the interactions");
        return $"temporal split{(log.SplitColumn.IsEmpty ? "" : " in place of the data's own")}: training before {until}, "
            + (validates ? $"validation from then until {from}, test after that, each {percent}" : $"test after that, {percent}")
            + $", of which each user's first with a new item{within} is held out; full-catalogue ranking, "
            + $"training items{(validates ? " and all that was met before the test" : "")} removed, ties averaged"
            + Apart(log, splits) + Unused(splits);
    }

    private static string Apart(InteractionLog log, ReadOnlySpan<InteractionSplit> splits)
    {
        var (trained, newUsers, newItems) = (new bool[log.Users.Count], 0, 0);
        for (var row = 0; row < splits.Length; row++)
        {
            trained[log.UserColumn[row]] |= splits[row] == InteractionSplit.Train;
        }

        for (var row = 0; row < splits.Length; row++)
        {
            newUsers += splits[row] == InteractionSplit.ColdTest && !trained[log.UserColumn[row]] ? 1 : 0;
            newItems += splits[row] == InteractionSplit.ColdTest && trained[log.UserColumn[row]] ? 1 : 0;
        }

        return newUsers + newItems == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"; apart from the means: {newUsers:N0} users without training items and {newItems:N0} held-out items without training users");
    }

    private static string Unused(ReadOnlySpan<InteractionSplit> splits)
    {
        var (between, later, met) = (splits.Count(InteractionSplit.BeforeTest), splits.Count(InteractionSplit.Later), splits.Count(InteractionSplit.MetBefore));
        return string.Create(CultureInfo.InvariantCulture,
            $"; not used: {between + later:N0} further interactions after training, and {met:N0} with items that the user had met before the cut");
    }

    private static string Words(InteractionLog log, long time) => log.TimeUnit.ToInstant(time) is { } instant
        ? instant.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)
        : $"time {time.ToString(CultureInfo.InvariantCulture)}";
}
