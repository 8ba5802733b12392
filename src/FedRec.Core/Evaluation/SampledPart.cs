using FedRec.Core.Aggregation;

namespace FedRec.Core.Evaluation;

/// <summary>HR and NDCG at 10 of a held-out item among 99 sampled items: <c>hr@10/sampled99</c> and <c>ndcg@10/sampled99</c>.</summary>
/// <remarks>The protocol of He et al. 2017, for comparison with papers that use it and for nothing else: it need not even order
/// recommenders as the full ranking does (Krichene and Rendle 2020). A user with several held-out items counts with their mean.</remarks>
internal sealed class SampledPart : IMetricPart
{
    private const int Cutoff = 10;
    private static readonly HitRate s_hitRate = new();
    private static readonly Ndcg s_ndcg = new();

    public int Length => 3; // users, HR, NDCG

    public void Add(in UserRanking user, Span<ulong> numbers)
    {
        if (user.Sampled.IsEmpty)
        {
            return;
        }

        var (hitRate, ndcg) = (0.0, 0.0);
        for (var i = 0; i < user.Sampled.Length; i++)
        {
            hitRate += s_hitRate.Value(user.Sampled.Slice(i, 1), 1, Cutoff);
            ndcg += s_ndcg.Value(user.Sampled.Slice(i, 1), 1, Cutoff);
        }

        numbers[0]++;
        numbers[1] += (ulong)FixedPoint.Encode(hitRate / user.Sampled.Length);
        numbers[2] += (ulong)FixedPoint.Encode(ndcg / user.Sampled.Length);
    }

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        if (numbers[0] > 0)
        {
            into.Metrics[$"hr@{Cutoff}/sampled{SampledCandidates.Count}"] = FixedPoint.Decode((long)numbers[1]) / numbers[0];
            into.Metrics[$"ndcg@{Cutoff}/sampled{SampledCandidates.Count}"] = FixedPoint.Decode((long)numbers[2]) / numbers[0];
        }
    }
}
