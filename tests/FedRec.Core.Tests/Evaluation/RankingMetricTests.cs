using CsCheck;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Tests.Evaluation;

public sealed class RankingMetricTests
{
    // Few different scores, so that ties are the rule; up to 7 items, so that all orders can be tried.
    private static readonly Gen<(int[] Scores, int Relevant, int Cutoff)> s_cases =
        Gen.Int[0, 2].Array[1, 7].SelectMany(scores => Gen.Select(Gen.Const(scores), Gen.Int[1, scores.Length], Gen.Int[1, 8]));

    [Theory]
    [InlineData("hr", 3, 1)]
    [InlineData("hr", 2, 0)]
    [InlineData("recall", 3, 1)]
    [InlineData("ndcg", 3, 0.5)] // 1 / log2(3 + 1)
    [InlineData("ndcg", 2, 0)]
    [InlineData("mrr", 3, 1 / 3.0)]
    [InlineData("map", 3, 1 / 3.0)]
    [InlineData("map", 2, 0)]
    public void Value_OneItemOnRankThree_IsTheFormula(string metric, int cutoff, double expected) =>
        Assert.Equal(expected, Metric(metric).Value([new TieBlock(2, 1, 1)], 1, cutoff), 12);

    [Fact]
    public void Value_AnyTies_IsTheMeanOverAllOrders() => s_cases.Sample(
        input =>
        {
            var scores = input.Scores.Select(s => (float)s).ToArray();
            var relevant = Enumerable.Range(0, input.Relevant).ToArray();

            var blocks = new RankPositions().Find(scores, scores.Length, relevant).ToArray();

            var orders = Permutations([.. Enumerable.Range(0, scores.Length)]).Where(o => o.Zip(o.Skip(1)).All(p => scores[p.First] >= scores[p.Second])).ToList();
            var hits = orders.Select(o => o.Select(i => i < input.Relevant).ToArray()).ToList();
            var (r, k) = (input.Relevant, input.Cutoff);
            AssertMean("hr", hits, h => h.Take(k).Any(x => x) ? 1 : 0);
            AssertMean("recall", hits, h => h.Take(k).Count(x => x) / (double)r);
            AssertMean("mrr", hits, h => Array.IndexOf(h, true) is var first && first < k ? 1.0 / (first + 1) : 0);
            AssertMean("ndcg", hits, h => Gain(h, k) / Gain([.. Enumerable.Repeat(true, r)], k));
            AssertMean("map", hits, h => Enumerable.Range(0, Math.Min(k, h.Length)).Where(i => h[i]).Sum(i => h.Take(i + 1).Count(x => x) / (i + 1.0)) / Math.Min(r, k));
            Assert.Equal(hits.Average(Area), AreaUnderCurve.Value(blocks, r, scores.Length), 9);

            void AssertMean(string name, List<bool[]> all, Func<bool[], double> value) =>
                Assert.Equal(all.Average(value), Metric(name).Value(blocks, r, k), 9);
        },
        iter: 150);

    [Fact]
    public void Find_ScoresThatAreNoNumbers_RankLast()
    {
        float[] scores = [1, float.NaN, float.NegativeInfinity, float.NaN, 2, float.NaN];

        var blocks = new RankPositions().Find(scores, 5, [1, 4]).ToArray(); // item 5 is no candidate

        Assert.Equal([new TieBlock(0, 1, 1), new TieBlock(3, 2, 1)], blocks);
    }

    [Fact]
    public void Area_HeldOutItemsAndOthers_CountsThePairsByHand()
    {
        // Ranks: held out; a tie of one held out with two others; one other. Pairs won: 3 + (1 + 2 / 2) of 2 · 3.
        TieBlock[] blocks = [new(0, 1, 1), new(1, 3, 1)];

        Assert.Equal(5 / 6.0, AreaUnderCurve.Value(blocks, relevant: 2, candidates: 5), 12);
        Assert.Equal(0.5, AreaUnderCurve.Value([new TieBlock(0, 2, 2)], relevant: 2, candidates: 2)); // nothing to tell apart
    }

    [Fact]
    public void ItemBlocks_OfHeldOutItems_AreTheirOwn()
    {
        float[] scores = [3, float.NaN, 5, 3, 1];
        var positions = new RankPositions();
        int[] heldOut = [0, 1, 2, 3];

        positions.Find(scores, 5, heldOut);

        Assert.Equal([new TieBlock(1, 2, 2), new TieBlock(4, 1, 1), new TieBlock(0, 1, 1), new TieBlock(1, 2, 2)], positions.ItemBlocks(scores, heldOut).ToArray());
    }

    private static double Area(bool[] hits)
    {
        var pairs = Enumerable.Range(0, hits.Length).SelectMany(i => Enumerable.Range(0, hits.Length).Where(j => hits[i] && !hits[j]).Select(j => i < j)).ToList();
        return pairs.Count == 0 ? 0.5 : pairs.Count(won => won) / (double)pairs.Count;
    }

    private static IRankingMetric Metric(string name) => RankingMetrics.All.Single(m => m.Name == name);

    private static double Gain(bool[] hits, int cutoff) => hits.Take(cutoff).Select((hit, i) => hit ? 1 / Math.Log2(i + 2) : 0).Sum();

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany(first => Permutations([.. items.Where(i => i != first)]).Select(rest => (int[])[first, .. rest]));
}
