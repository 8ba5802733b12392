using System.Collections.Immutable;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>What a group of an evaluation is made of.</summary>
public enum QualityGroupKind
{
    /// <summary>Users, by the number of their training items: up to ten groups of about the same size.</summary>
    Activity,

    /// <summary>Users, by the days from their first training interaction to the newest one of all: up to ten groups of about the same size.</summary>
    Tenure,

    /// <summary>Users, by the number of their training items: none, 1 to 4, 5 to 9, 10 to 19, and more.</summary>
    ColdStart,

    /// <summary>Held-out items, by the number of users that have met them in training; up to 5 are cold, and 0 are new.</summary>
    Popularity,

    /// <summary>Users without training items, whom a temporal split keeps apart: in no other group and in no mean.</summary>
    NewUsers,

    /// <summary>Users whose held-out item nobody has in training, kept apart likewise.</summary>
    NewItems,
}

/// <summary>Quality for some of the users, or for some of the held-out items.</summary>
/// <param name="Kind">What it is made of.</param>
/// <param name="From">Fewest interactions, or days.</param>
/// <param name="To">Most interactions, or days; null when there is no limit.</param>
/// <param name="Count">Users or held-out items in it, at least 1.</param>
/// <param name="Cutoff">K of both metrics.</param>
/// <param name="HitRate">Mean HR@K.</param>
/// <param name="Ndcg">Mean NDCG@K.</param>
public sealed record QualityGroup(QualityGroupKind Kind, int From, int? To, long Count, int Cutoff, double HitRate, double Ndcg);

/// <summary>Evaluated users in up to ten groups of about the same size, by a number that each of them has: deciles.</summary>
/// <remarks>Users with equal numbers share a group, so that it does not depend on an order of users; then there
/// may be fewer groups. Immutable.</remarks>
public sealed class QuantileGroups
{
    /// <summary>The most groups there can be.</summary>
    public const int Most = 10;

    private QuantileGroups(ImmutableArray<int> bounds) => Bounds = bounds;

    /// <summary>The highest number of each group, ascending; the last group has higher ones too.</summary>
    public ImmutableArray<int> Bounds { get; }

    /// <summary>Works the deciles out.</summary>
    /// <param name="numbers">One per evaluated user, in any order.</param>
    public static QuantileGroups Of(IEnumerable<int> numbers)
    {
        var sorted = numbers.Order().ToArray();
        return new QuantileGroups(sorted.Length == 0
            ? [0]
            : [.. Enumerable.Range(1, Most).Select(decile => sorted[(int)((((long)decile * sorted.Length) + Most - 1) / Most) - 1]).Distinct()]);
    }

    /// <summary>By activity: by the number of training items, over the users that have held-out items.</summary>
    public static QuantileGroups OfActivity(EvaluationSplit split) => Of(split.Evaluated.Select(user => split.Train.Items(user).Length));

    /// <summary>The group of a number.</summary>
    /// <returns>From 0, the lowest.</returns>
    public int GroupOf(int number)
    {
        var group = 0;
        while (group < Bounds.Length - 1 && number > Bounds[group])
        {
            group++;
        }

        return group;
    }
}

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
