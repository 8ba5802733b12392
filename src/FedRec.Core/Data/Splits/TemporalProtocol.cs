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

/// <summary>The times at which a temporal split cuts: the same for everybody.</summary>
/// <param name="Validation">First time that is no longer training, where validation is held out; else <paramref name="Test"/>.</param>
/// <param name="Test">First time of the test.</param>
/// <remarks>A cut lies between two times, never within one: rows of equal time are on one side, so neither the order of the rows nor of the users shows.</remarks>
internal readonly record struct TimeCut(long Validation, long Test)
{
    /// <summary>Cuts off the newest rows, and as many before them for validation.</summary>
    /// <param name="times">The times of all rows; sorted here.</param>
    /// <param name="share">Share of the rows after each cut, above 0; more where times are equal.</param>
    /// <param name="holdOutValidation">Whether there are two cuts.</param>
    /// <returns>The cuts; null when there are too few different times for them.</returns>
    public static TimeCut? Of(long[] times, double share, bool holdOutValidation)
    {
        Array.Sort(times);
        var count = Math.Max(1, (int)Math.Round(share * times.Length));
        var test = First(times, count);
        var validation = test > 0 && holdOutValidation ? First(times.AsSpan(..test), count) : test;
        return validation > 0 ? new TimeCut(times[validation], times[test]) : null;
    }

    /// <summary>The first of the newest rows; 0 when all have one time.</summary>
    private static int First(ReadOnlySpan<long> sorted, int count)
    {
        var first = Math.Max(0, sorted.Length - count);
        while (first > 0 && sorted[first - 1] == sorted[first])
        {
            first--; // all of one time
        }

        while (first < sorted.Length && sorted[first] == sorted[0])
        {
            first++; // something is left before the cut
        }

        return first == sorted.Length ? 0 : first;
    }
}
