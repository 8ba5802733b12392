using FedRec.Core.Aggregation;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>HR and NDCG at the main cutoff for users by activity, tenure and cold start, and for held-out items by popularity.</summary>
/// <remarks>A mean over users hides whom a model serves badly: Li et al. 2021, "User-oriented Fairness in Recommendation", and, for
/// federated learning, Mohri et al. 2019. Items that few have met are the cold start of items.</remarks>
internal sealed class GroupPart : IMetricPart
{
    private const int Fields = 3; // count, HR, NDCG
    private static readonly int[] s_coldStartBounds = [0, 4, 9, 19, int.MaxValue];
    private static readonly int[] s_popularityBounds = [0, 5, 20, 50, 100, 200, 500, 1_000, int.MaxValue]; // up to 5 is cold
    private static readonly HitRate s_hitRate = new();
    private static readonly Ndcg s_ndcg = new();
    private readonly EvaluationFrame _frame;
    private readonly (QualityGroupKind Kind, int First, int[] Bounds)[] _kinds;

    /// <summary>Makes the part.</summary>
    /// <param name="frame">The bounds of the groups; sums of frames with other bounds are as long.</param>
    public GroupPart(EvaluationFrame frame)
    {
        _frame = frame;
        (QualityGroupKind Kind, int Most, int[] Bounds)[] kinds =
        [
            (QualityGroupKind.Activity, QuantileGroups.Most, [.. frame.Activity?.Bounds ?? []]),
            (QualityGroupKind.Tenure, QuantileGroups.Most, [.. frame.Tenure?.Groups.Bounds ?? []]),
            (QualityGroupKind.ColdStart, s_coldStartBounds.Length, s_coldStartBounds),
            (QualityGroupKind.Popularity, s_popularityBounds.Length, s_popularityBounds),
            (QualityGroupKind.NewUsers, 1, [0]),
            (QualityGroupKind.NewItems, 1, [0]),
        ];
        _kinds = new (QualityGroupKind, int, int[])[kinds.Length];
        foreach (var (kind, most, bounds) in kinds)
        {
            _kinds[(int)kind] = (kind, Length, bounds);
            Length += most * Fields;
        }
    }

    public int Length { get; }

    public void Add(in UserRanking user, Span<ulong> numbers)
    {
        var (items, heldOut) = (user.History.Items.Length, user.HeldOut.Items.Length);
        if (_frame.Activity is { } activity)
        {
            AddTo(numbers, QualityGroupKind.Activity, activity.GroupOf(items), user.Blocks, heldOut);
        }

        AddTo(numbers, QualityGroupKind.ColdStart, GroupOf(s_coldStartBounds, items), user.Blocks, heldOut);
        if (_frame.Tenure is { } tenure)
        {
            AddTo(numbers, QualityGroupKind.Tenure, tenure.Groups.GroupOf(tenure.DaysOf(user.Times)), user.Blocks, heldOut);
        }

        for (var i = 0; _frame.Popularity is { } known && i < heldOut; i++)
        {
            var popularity = GroupOf(s_popularityBounds, known.Count(user.HeldOut.Items[i]));
            AddTo(numbers, QualityGroupKind.Popularity, popularity, [user.ItemBlocks[i] with { Relevant = 1 }], 1);
        }
    }

    /// <summary>Adds a user who is kept apart: to a group alone.</summary>
    public void AddApart(in UserRanking user, Span<ulong> numbers) =>
        AddTo(numbers, user.History.Items.IsEmpty ? QualityGroupKind.NewUsers : QualityGroupKind.NewItems, 0, user.Blocks, user.HeldOut.Items.Length);

    public bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart)
    {
        foreach (var (kind, first, bounds) in _kinds)
        {
            UInt128 counted = 0;
            for (var group = 0; group < bounds.Length; group++)
            {
                var own = numbers.Slice(first + (group * Fields), Fields);
                counted += own[0];
                if (!own[1].IsSumOf(own[0]) || !own[2].IsSumOf(own[0]))
                {
                    return false;
                }
            }

            var most = kind switch
            {
                QualityGroupKind.Popularity => (UInt128)users * (ulong)_frame.ItemCount, // counts held-out items
                QualityGroupKind.NewUsers or QualityGroupKind.NewItems => apart,
                _ => users,
            };
            if (counted > most)
            {
                return false;
            }
        }

        return true;
    }

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        foreach (var (kind, first, bounds) in _kinds)
        {
            var before = into.Groups.Count;
            AddGroups(numbers[first..], kind, bounds, into);
            AddWorst(kind, into.Groups[before..], into);
        }
    }

    // Of a grouping with one group the worst is the mean; of the deciles it is said all the same.
    private void AddWorst(QualityGroupKind kind, List<QualityGroup> groups, SummaryBuilder into)
    {
        var name = kind switch
        {
            QualityGroupKind.Activity => "worst-decile",
            QualityGroupKind.Tenure => "worst-tenure",
            QualityGroupKind.ColdStart => "worst-cold-start",
            QualityGroupKind.Popularity => "worst-popularity",
            QualityGroupKind.NewUsers => "new-users",
            _ => "new-items",
        };
        if (groups.Count > 1 || (groups.Count == 1 && kind is not (QualityGroupKind.Tenure or QualityGroupKind.ColdStart or QualityGroupKind.Popularity)))
        {
            into.Quantiles[$"ndcg@{_frame.MainCutoff}/{name}"] = groups.Min(group => group.Ndcg);
            into.Quantiles[$"hr@{_frame.MainCutoff}/{name}"] = groups.Min(group => group.HitRate);
        }
    }

    private void AddTo(Span<ulong> numbers, QualityGroupKind kind, int group, ReadOnlySpan<TieBlock> blocks, int relevant)
    {
        var own = numbers.Slice(_kinds[(int)kind].First + (group * Fields), Fields);
        own[0]++;
        own[1] += (ulong)FixedPoint.Encode(s_hitRate.Value(blocks, relevant, _frame.MainCutoff));
        own[2] += (ulong)FixedPoint.Encode(s_ndcg.Value(blocks, relevant, _frame.MainCutoff));
    }

    private void AddGroups(ReadOnlySpan<ulong> numbers, QualityGroupKind kind, ReadOnlySpan<int> bounds, SummaryBuilder into)
    {
        for (var g = 0; g < bounds.Length; g++)
        {
            var own = numbers.Slice(g * Fields, Fields);
            if (own[0] > 0)
            {
                var isOpen = g == bounds.Length - 1 && kind is not (QualityGroupKind.NewUsers or QualityGroupKind.NewItems);
                into.Groups.Add(new QualityGroup(kind, g == 0 ? 0 : bounds[g - 1] + 1, isOpen ? null : bounds[g], (long)own[0], _frame.MainCutoff,
                    FixedPoint.Decode((long)own[1]) / own[0], FixedPoint.Decode((long)own[2]) / own[0]));
            }
        }
    }

    private static int GroupOf(int[] bounds, int count) => Array.FindIndex(bounds, bound => count <= bound);
}
