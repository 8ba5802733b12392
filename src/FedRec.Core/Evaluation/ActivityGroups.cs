using System.Collections.Immutable;

namespace FedRec.Core.Evaluation;

/// <summary>Evaluated users in up to ten groups of about the same size, by the length of their training histories: deciles.</summary>
/// <remarks>Users with equally long histories share a group, so that it does not depend on an order of users; then there
/// may be fewer groups. Immutable.</remarks>
public sealed class ActivityGroups
{
    /// <summary>The most groups there can be.</summary>
    public const int Most = 10;

    private ActivityGroups(ImmutableArray<int> bounds) => Bounds = bounds;

    /// <summary>The longest history of each group, ascending; the last group has longer ones too.</summary>
    public ImmutableArray<int> Bounds { get; }

    /// <summary>Works the deciles out over the users that have held-out items.</summary>
    public static ActivityGroups Of(EvaluationSplit split)
    {
        var lengths = Enumerable.Range(0, split.HeldOut.UserCount)
            .Where(user => !split.HeldOut.Items(user).IsEmpty)
            .Select(user => split.Train.Items(user).Length)
            .Order()
            .ToArray();
        return new ActivityGroups(lengths.Length == 0
            ? [0]
            : [.. Enumerable.Range(1, Most).Select(decile => lengths[(int)((((long)decile * lengths.Length) + Most - 1) / Most) - 1]).Distinct()]);
    }

    /// <summary>The group of a history.</summary>
    /// <param name="length">Its number of items.</param>
    /// <returns>From 0, the least active.</returns>
    public int GroupOf(int length)
    {
        var group = 0;
        while (group < Bounds.Length - 1 && length > Bounds[group])
        {
            group++;
        }

        return group;
    }
}
