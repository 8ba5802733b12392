namespace FedRec.Core.Data.Cleaning;

/// <summary>Cleans the rows of each party by themselves, and brings its ratings to the common scale from 0 to 1, when that is asked for.</summary>
/// <remarks>A party never learns what another one holds: medians, deviations and bounds are its own. All of it happens before the split, so
/// that rows that are not meant are no test either.</remarks>
internal static class LogCleaner
{
    /// <summary>The rows that stay, in their order; the same log when nothing is asked for.</summary>
    /// <param name="log">All rows; not changed.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="tally">Takes the rows removed.</param>
    /// <param name="partyOf">The party of a user's dense number; null when all rows are of one party.</param>
    /// <exception cref="DatasetException">Nothing is left, or there are no ratings to bring to a scale.</exception>
    public static InteractionLog Prepare(InteractionLog log, DatasetOptions options, RowTally tally, Func<int, string>? partyOf = null)
    {
        if ((options.Clean == CleaningRules.None && !options.NormalizeRatings) || log.Count == 0)
        {
            return log;
        }

        if (options.NormalizeRatings && log.RatingColumn.IsEmpty)
        {
            throw new DatasetException("The data has no ratings to normalise.", "Leave out --normalize-ratings, or give data with ratings.", tally.File);
        }

        var parties = Enumerable.Range(0, log.Count).GroupBy(row => partyOf?.Invoke(log.UserColumn[row]) ?? "")
            .Select(rows => new PartyRows(log, [.. rows])).ToList();
        foreach (var party in parties)
        {
            tally.Remove(Clean(party, options.Clean));
            ThrowIfEmpty(party, tally.File);
        }

        var ratings = log.RatingsWithGaps.ToArray();
        foreach (var party in options.NormalizeRatings ? parties : [])
        {
            RatingScale.Apply(ratings, party.Rows);
        }

        return Copy(log, parties.SelectMany(party => party.Rows).Order(), ratings);
    }

    // Until nothing more is found: what goes changes the median of the rest. So cleaning what is clean removes nothing.
    private static RemovedRows Clean(PartyRows party, CleaningRules rules)
    {
        var (removed, before) = (new RemovedRows(0, 0, 0), -1);
        while (party.Rows.Count != before)
        {
            before = party.Rows.Count;
            removed = removed.Plus(new RemovedRows(
                rules.HasFlag(CleaningRules.Duplicates) ? party.Remove(RepeatedEvents.Find(party)) : 0,
                rules.HasFlag(CleaningRules.Bots) ? party.Remove(BotUsers.Find(party)) : 0,
                rules.HasFlag(CleaningRules.Outliers) ? party.Remove(OutlierRows.Find(party)) : 0));
        }

        return removed;
    }

    private static void ThrowIfEmpty(PartyRows party, string file)
    {
        if (party.Rows.Count == 0)
        {
            throw new DatasetException("Cleaning leaves no interaction of a party.", "Clean by fewer rules, or leave the party out.", file);
        }
    }

    private static InteractionLog Copy(InteractionLog log, IEnumerable<int> rows, float[] ratings)
    {
        var copy = new InteractionLog { TimeUnit = log.TimeUnit };
        foreach (var row in rows)
        {
            copy.AddRow(log, row, ratings.Length == 0 ? null : ratings[row]);
        }

        return copy;
    }
}
