using FedRec.Core.Data;
using FedRec.Core.Evaluation;

namespace FedRec.Core.Tests.Evaluation;

public sealed class QualityGroupTests
{
    [Fact]
    public void Activity_OfTwentyLengths_IsTenGroupsOfTwo()
    {
        var groups = ActivityGroups.Of(SplitOf([.. Enumerable.Range(1, 20).Reverse()]));

        Assert.Equal<int>([2, 4, 6, 8, 10, 12, 14, 16, 18, 20], groups.Bounds);
        Assert.Equal([0, 0, 0, 1, 9, 9], new[] { 0, 1, 2, 3, 19, 500 }.Select(groups.GroupOf));
    }

    [Fact]
    public void Activity_EquallyLongHistories_ShareAGroup()
    {
        var groups = ActivityGroups.Of(SplitOf([.. Enumerable.Repeat(3, 15), .. Enumerable.Repeat(9, 5)]));

        Assert.Equal<int>([3, 9], groups.Bounds);
        Assert.Equal<int>([0], ActivityGroups.Of(SplitOf([])).Bounds);
    }

    [Fact]
    public void Groups_OfTwoKindsOfUsers_TellThemApart()
    {
        // Users with one training item find theirs (item 30, which 1 user has met); those with two do not (item 31, which nobody has).
        var split = new EvaluationSplit(
            new UserItems([0, 1, 2, 4, 6], [0, 1, 2, 30, 3, 4]), new UserItems([0, 0, 0, 0, 0], []), new UserItems([0, 1, 2, 3, 4], [30, 30, 31, 31]), 40);
        var scorer = new FixedScorer([.. Enumerable.Range(0, 40).Select(item => item == 30 ? 1f : item == 31 ? -1f : 0f)]);

        var summary = RankingEvaluator.EvaluateAll(() => scorer, split, [1, 10, 20], threads: 1);

        Assert.Equal(
            [
                new QualityGroup(QualityGroupKind.Activity, 0, 1, 2, 10, 1, 1),
                new QualityGroup(QualityGroupKind.Activity, 2, null, 2, 10, 0, 0),
                new QualityGroup(QualityGroupKind.Popularity, 0, 5, 4, 10, 0.5, 0.5),
            ],
            summary.Groups);
        Assert.Equal((0.5, 0), (summary.Metrics["ndcg@10"], summary.Quantiles["ndcg@10/worst-decile"]));
    }

    [Fact]
    public void Groups_OfEitherKind_CountEveryoneAndAverageToTheMean()
    {
        var data = DatasetSource.Open(new DatasetOptions { SyntheticUsers = 80, SyntheticItems = 60 });
        float[] scores = [.. Enumerable.Range(0, 60).Select(i => (float)(i * 7 % 11))];

        var summary = RankingEvaluator.EvaluateAll(() => new FixedScorer(scores), EvaluationSplit.Test(data), [5, 10], threads: 2);

        foreach (var kind in summary.Groups.GroupBy(group => group.Kind)) // with one held-out item each, users and items are the same
        {
            Assert.Equal(summary.Users, kind.Sum(group => group.Count));
            Assert.Equal(summary.Metrics["hr@10"], kind.Sum(group => group.Count * group.HitRate) / summary.Users, 8);
            Assert.Equal(summary.Metrics["ndcg@10"], kind.Sum(group => group.Count * group.Ndcg) / summary.Users, 8);
        }

        Assert.Equal(summary.Groups.Where(g => g.Kind == QualityGroupKind.Activity).Min(g => g.Ndcg), summary.Quantiles["ndcg@10/worst-decile"]);
    }

    private static EvaluationSplit SplitOf(int[] lengths)
    {
        int[] offsets = [0, .. lengths.Select((_, i) => lengths.Take(i + 1).Sum())];
        var items = lengths.SelectMany(length => Enumerable.Range(0, length)).ToArray();
        var none = new UserItems(new int[lengths.Length + 1], []);
        return new EvaluationSplit(new UserItems(offsets, items), none, new UserItems([.. Enumerable.Range(0, lengths.Length + 1)], [.. lengths.Select(_ => 90)]), 100);
    }
}
