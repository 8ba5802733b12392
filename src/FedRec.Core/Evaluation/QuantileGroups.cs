using System.Collections.Immutable;

namespace FedRec.Core.Evaluation;

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
