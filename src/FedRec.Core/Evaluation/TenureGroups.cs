using FedRec.Core.Data.Times;

namespace FedRec.Core.Evaluation;

/// <summary>Evaluated users by tenure: the days from a user's first training interaction to the newest training interaction of all.</summary>
/// <remarks>It tells newcomers from those of long standing, whatever they did since. Whole days, rounded down; a user without training interactions has a
/// tenure of 0. Immutable.</remarks>
public sealed class TenureGroups
{
    private const long DaySeconds = 86_400;
    private readonly TimeUnit _unit;
    private readonly long _newest;

    private TenureGroups(EvaluationSplit split, long newest)
    {
        (_unit, _newest) = (split.TimeUnit, newest);
        Groups = QuantileGroups.Of(split.Evaluated.Select(user => DaysOf(split.Train.Timestamps(user))));
    }

    /// <summary>The groups, in days.</summary>
    public QuantileGroups Groups { get; }

    /// <summary>Works the groups out over the users that have held-out items.</summary>
    /// <returns>The groups; null when the data has no times, or such as only say an order.</returns>
    public static TenureGroups? Of(EvaluationSplit split)
    {
        if (!split.Train.HasTimes)
        {
            return null;
        }

        var (oldest, newest) = (long.MaxValue, long.MinValue);
        for (var user = 0; user < split.Train.UserCount; user++)
        {
            foreach (var time in split.Train.Timestamps(user))
            {
                (oldest, newest) = (Math.Min(oldest, time), Math.Max(newest, time));
            }
        }

        return split.TimeUnit.ToInstant(oldest) is null || split.TimeUnit.ToInstant(newest) is null ? null : new TenureGroups(split, newest);
    }

    /// <summary>The tenure of a user.</summary>
    /// <param name="times">The times of the user's training interactions.</param>
    public int DaysOf(ReadOnlySpan<long> times)
    {
        var first = _newest;
        foreach (var time in times)
        {
            first = Math.Min(first, time);
        }

        return (int)((_newest - first) / _unit.PerSecond() / DaySeconds);
    }
}
