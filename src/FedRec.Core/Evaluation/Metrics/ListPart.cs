using FedRec.Core.Aggregation;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>What is in the lists, whether it is found or not: novelty, diversity, and how popular it is beside what users had met.</summary>
/// <remarks>
/// <c>novelty@K</c>: mean self-information of the listed items, in bits (Zhou et al. 2010; Castells et al. 2015).
/// <c>diversity@K</c>: one minus the mean Jaccard similarity of the tags of two listed items (Ziegler et al. 2005); pairs of
/// which an item has no tags are left out, and so is the metric where nobody's list has a pair, or K is above 100.
/// <c>popbias@K</c>: popularity lift (Abdollahpouri et al. 2020), (q − p) / p, where q is the mean over users of the mean
/// popularity in their list and p the same of their histories; 0 is no bias, 1 is twice as popular. Users without history are left out.
/// </remarks>
internal sealed class ListPart(EvaluationFrame frame) : IMetricPart
{
    private const int MostForPairs = 100; // pairs grow with the square of K
    private const double MostBits = 64; // of an item that nobody has met among any number of users
    private const int Fields = 6; // per cutoff: lists and their novelty, lists with pairs and their diversity, popularity of lists and of histories
    private readonly Prefixes[] _prefixes = new Prefixes[frame.MaxCutoff + 1];

    public int Length => frame.Cutoffs.Length * Fields;

    public void Add(in UserRanking user, Span<ulong> numbers)
    {
        FillPrefixes(user.Top);
        var history = MeanShare(user.History.Items);
        for (var c = 0; c < frame.Cutoffs.Length; c++)
        {
            var listed = Math.Min(frame.Cutoffs[c], user.Top.Length);
            if (listed > 0)
            {
                Add(_prefixes[listed], listed, history, numbers.Slice(c * Fields, Fields));
            }
        }
    }

    public bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart)
    {
        for (var c = 0; c < frame.Cutoffs.Length; c++)
        {
            var own = numbers.Slice(c * Fields, Fields);
            if (own[0] > users || !own[1].IsSumOf(own[0], MostBits) || own[2] > own[0] || !own[3].IsSumOf(own[2]) || !own[4].IsSumOf(own[0]) || !own[5].IsSumOf(own[0]))
            {
                return false;
            }
        }

        return true;
    }

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        for (var c = 0; c < frame.Cutoffs.Length; c++)
        {
            var own = numbers.Slice(c * Fields, Fields);
            var cutoff = frame.Cutoffs[c];
            if (frame.Popularity is not null)
            {
                into.Metrics[$"novelty@{cutoff}"] = own[0] == 0 ? 0 : FixedPoint.Decode((long)own[1]) / own[0];
                into.Metrics[$"popbias@{cutoff}"] = own[5] == 0 ? 0 : ((double)own[4] / own[5]) - 1;
            }

            if (own[2] > 0 && cutoff <= MostForPairs)
            {
                into.Metrics[$"diversity@{cutoff}"] = FixedPoint.Decode((long)own[3]) / own[2];
            }
        }
    }

    private static void Add(Prefixes list, int listed, double history, Span<ulong> numbers)
    {
        numbers[0]++;
        numbers[1] += (ulong)FixedPoint.Encode(list.Information / listed);
        if (list.Pairs > 0)
        {
            numbers[2]++;
            numbers[3] += (ulong)FixedPoint.Encode(1 - (list.Similarity / list.Pairs));
        }

        if (!double.IsNaN(history))
        {
            numbers[4] += (ulong)FixedPoint.Encode(list.Share / listed);
            numbers[5] += (ulong)FixedPoint.Encode(history);
        }
    }

    private void FillPrefixes(ReadOnlySpan<int> top)
    {
        var sum = default(Prefixes);
        for (var i = 0; i < top.Length; i++)
        {
            sum.Information += frame.Popularity?.Information(top[i]) ?? 0;
            sum.Share += frame.Popularity?.Share(top[i]) ?? 0;
            for (var j = 0; frame.Tags is { } tags && i < MostForPairs && j < i; j++)
            {
                if (tags.TryCompare(top[i], top[j], out var similarity))
                {
                    (sum.Similarity, sum.Pairs) = (sum.Similarity + similarity, sum.Pairs + 1);
                }
            }

            _prefixes[i + 1] = sum;
        }
    }

    private double MeanShare(ReadOnlySpan<int> history)
    {
        var sum = 0.0;
        foreach (var item in history)
        {
            sum += frame.Popularity?.Share(item) ?? 0;
        }

        return sum / history.Length; // NaN without history
    }

    /// <summary>Sums over the first items of a list.</summary>
    private struct Prefixes
    {
        public double Information, Share, Similarity;
        public int Pairs;
    }
}
