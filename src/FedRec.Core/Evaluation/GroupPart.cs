using FedRec.Core.Aggregation;

namespace FedRec.Core.Evaluation;

/// <summary>HR and NDCG at the main cutoff for users by activity and for held-out items by popularity.</summary>
/// <remarks>A mean over users hides whom a model serves badly: Li et al. 2021, "User-oriented Fairness in Recommendation", and, for
/// federated learning, Mohri et al. 2019. Items that few have met are the cold start of items.</remarks>
internal sealed class GroupPart(EvaluationFrame frame) : IMetricPart
{
    private const int Fields = 3; // count, HR, NDCG
    private static readonly int[] s_popularityBounds = [5, 20, 50, 100, 200, 500, 1_000, int.MaxValue]; // up to 5 is cold
    private static readonly HitRate s_hitRate = new();
    private static readonly Ndcg s_ndcg = new();

    public int Length => (ActivityGroups.Most + s_popularityBounds.Length) * Fields;

    public void Add(in UserRanking user, Span<ulong> numbers)
    {
        var activity = frame.Activity.GroupOf(user.History.Items.Length);
        AddTo(numbers.Slice(activity * Fields, Fields), user.Blocks, user.HeldOut.Items.Length);
        for (var i = 0; i < user.HeldOut.Items.Length; i++)
        {
            var popularity = BucketOf(frame.Popularity.Count(user.HeldOut.Items[i]));
            AddTo(numbers.Slice((ActivityGroups.Most + popularity) * Fields, Fields), [user.ItemBlocks[i] with { Relevant = 1 }], 1);
        }
    }

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        AddGroups(numbers, QualityGroupKind.Activity, frame.Activity.Bounds.AsSpan(), into);
        var worst = into.Groups.MinBy(group => group.Ndcg);
        if (worst is not null)
        {
            into.Quantiles[$"ndcg@{frame.MainCutoff}/worst-decile"] = worst.Ndcg;
            into.Quantiles[$"hr@{frame.MainCutoff}/worst-decile"] = into.Groups.Min(group => group.HitRate);
        }

        AddGroups(numbers[(ActivityGroups.Most * Fields)..], QualityGroupKind.Popularity, s_popularityBounds, into);
    }

    private void AddTo(Span<ulong> numbers, ReadOnlySpan<TieBlock> blocks, int relevant)
    {
        numbers[0]++;
        numbers[1] += (ulong)FixedPoint.Encode(s_hitRate.Value(blocks, relevant, frame.MainCutoff));
        numbers[2] += (ulong)FixedPoint.Encode(s_ndcg.Value(blocks, relevant, frame.MainCutoff));
    }

    private void AddGroups(ReadOnlySpan<ulong> numbers, QualityGroupKind kind, ReadOnlySpan<int> bounds, SummaryBuilder into)
    {
        for (var g = 0; g < bounds.Length; g++)
        {
            var own = numbers.Slice(g * Fields, Fields);
            if (own[0] > 0)
            {
                int? to = g == bounds.Length - 1 ? null : bounds[g];
                into.Groups.Add(new QualityGroup(kind, g == 0 ? 0 : bounds[g - 1] + 1, to, (long)own[0], frame.MainCutoff,
                    FixedPoint.Decode((long)own[1]) / own[0], FixedPoint.Decode((long)own[2]) / own[0]));
            }
        }
    }

    private static int BucketOf(int count) => Array.FindIndex(s_popularityBounds, bound => count <= bound);
}
