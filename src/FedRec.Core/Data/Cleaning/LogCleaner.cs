using System.Globalization;

namespace FedRec.Core.Data.Cleaning;

/// <summary>What each party removes from its own rows before they are split.</summary>
[Flags]
public enum CleaningRules
{
    /// <summary>Nothing is removed.</summary>
    None = 0,

    /// <summary>The same user, item, rating and split again, within 60 seconds of the event that is kept.</summary>
    Duplicates = 1,

    /// <summary>All rows of users who are far more active than others of their party, or faster than a person.</summary>
    Bots = 2,

    /// <summary>Rows whose rating is far from the other ratings of their party, or whose time cannot be right.</summary>
    Outliers = 4,
}

/// <summary>Cleaning rules as people write them: <c>duplicates,bots,outliers</c>.</summary>
public static class CleaningWords
{
    /// <summary>The words, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = ["duplicates", "bots", "outliers"];

    /// <summary>Reads words that are separated by commas, in any order; nothing gives <see cref="CleaningRules.None"/>.</summary>
    /// <exception cref="ArgumentException">A word is not known, empty, or given twice; the message says which.</exception>
    public static CleaningRules Parse(string words)
    {
        var rules = CleaningRules.None;
        foreach (var word in words.Length == 0 ? [] : words.Split(',', StringSplitOptions.TrimEntries))
        {
            var position = All.TakeWhile(known => known != word).Count();
            var rule = (CleaningRules)(1 << position);
            if (position == All.Count || rules.HasFlag(rule))
            {
                throw new ArgumentException($"clean is '{words}'; it must be some of {string.Join(", ", All)}, each at most once, separated by commas.");
            }

            rules |= rule;
        }

        return rules;
    }

    /// <summary>The words of rules, separated by commas; the inverse of <see cref="Parse"/>.</summary>
    public static string Of(CleaningRules rules) => string.Join(',', All.Where((_, position) => rules.HasFlag((CleaningRules)(1 << position))));
}

/// <summary>Rows that cleaning removed, by reason; of all parties together.</summary>
/// <param name="Duplicates">Repeated events.</param>
/// <param name="Bots">Rows of users taken for bots.</param>
/// <param name="Outliers">Rows with an impossible rating or time.</param>
public sealed record RemovedRows(long Duplicates, long Bots, long Outliers)
{
    /// <summary>The sum with the rows of another party.</summary>
    internal RemovedRows Plus(RemovedRows other) => new(Duplicates + other.Duplicates, Bots + other.Bots, Outliers + other.Outliers);

    /// <summary>In words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"cleaning removed {Duplicates:N0} repeated events, {Bots:N0} rows of bots and {Outliers:N0} outliers");
}

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
