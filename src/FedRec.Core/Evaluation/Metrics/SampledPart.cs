using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Evaluation.Metrics;

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

    public bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart) => numbers[0] <= users && numbers[1].IsSumOf(numbers[0]) && numbers[2].IsSumOf(numbers[0]);

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        if (numbers[0] > 0)
        {
            into.Metrics[$"hr@{Cutoff}/sampled{SampledCandidates.Count}"] = FixedPoint.Decode((long)numbers[1]) / numbers[0];
            into.Metrics[$"ndcg@{Cutoff}/sampled{SampledCandidates.Count}"] = FixedPoint.Decode((long)numbers[2]) / numbers[0];
        }
    }
}

/// <summary>Ranks held-out items among a few sampled items that the user has in no split. Not thread-safe.</summary>
/// <remarks>The draws depend on the user's number alone, so that all models are measured against the same items.</remarks>
internal sealed class SampledCandidates(EvaluationSplit split)
{
    /// <summary>Items drawn for a user.</summary>
    public const int Count = 99;

    private static readonly int[] s_onlyUser = [0];
    private readonly NegativeSampler _sampler = new(split.ItemCount);
    private readonly int[] _negatives = new int[Count];

    /// <summary>Where each held-out item lands; a tie leaves its place open.</summary>
    /// <param name="user">Dense user number.</param>
    /// <param name="history">What the scorer knew of the user.</param>
    /// <param name="scores">One per item.</param>
    /// <returns>One block per held-out item, of that item and those tied with it.</returns>
    public TieBlock[] Find(int user, ReadOnlySpan<int> history, ReadOnlySpan<float> scores)
    {
        var heldOut = split.HeldOut.Items(user);
        int[] owned = [.. history, .. split.AlsoRemoved.Items(user), .. heldOut];
        var random = SeedSequence.For(0, "sampled-candidates", user);
        var data = new ClientData(new UserItems([0, owned.Length], owned), s_onlyUser, split.ItemCount);
        var drawn = _sampler.SampleDistinct(data, 0, _negatives, ref random);
        var blocks = new TieBlock[heldOut.Length];
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = Place(scores[heldOut[i]], scores, _negatives.AsSpan(0, drawn));
        }

        return blocks;
    }

    // Scores that are no number rank below all others, as in the full ranking.
    private static TieBlock Place(float score, ReadOnlySpan<float> scores, ReadOnlySpan<int> negatives)
    {
        var (above, tied) = (0, 0);
        foreach (var item in negatives)
        {
            var order = scores[item].CompareTo(score); // puts what is no number last
            above += order > 0 ? 1 : 0;
            tied += order == 0 ? 1 : 0;
        }

        return new TieBlock(above, 1 + tied, 1);
    }
}
