using FedRec.Core.Data;
using FedRec.Core.Data.Times;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Evaluation;

public sealed class QualityGroupTests
{
    [Fact]
    public void Activity_OfTwentyLengths_IsTenGroupsOfTwo()
    {
        var groups = QuantileGroups.OfActivity(SplitOf([.. Enumerable.Range(1, 20).Reverse()]));

        Assert.Equal<int>([2, 4, 6, 8, 10, 12, 14, 16, 18, 20], groups.Bounds);
        Assert.Equal([0, 0, 0, 1, 9, 9], new[] { 0, 1, 2, 3, 19, 500 }.Select(groups.GroupOf));
    }

    [Fact]
    public void Activity_EquallyLongHistories_ShareAGroup()
    {
        var groups = QuantileGroups.OfActivity(SplitOf([.. Enumerable.Repeat(3, 15), .. Enumerable.Repeat(9, 5)]));

        Assert.Equal<int>([3, 9], groups.Bounds);
        Assert.Equal<int>([0], QuantileGroups.OfActivity(SplitOf([])).Bounds);
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
                new QualityGroup(QualityGroupKind.ColdStart, 1, 4, 4, 10, 0.5, 0.5),
                new QualityGroup(QualityGroupKind.Popularity, 0, 0, 2, 10, 0, 0),
                new QualityGroup(QualityGroupKind.Popularity, 1, 5, 2, 10, 1, 1),
            ],
            summary.Groups);
        Assert.Equal((0.5, 0), (summary.Metrics["ndcg@10"], summary.Quantiles["ndcg@10/worst-decile"]));
    }

    [Fact]
    public void Groups_OfEitherKind_CountEveryoneAndAverageToTheMean()
    {
        var data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 80, SyntheticItems = 60 });
        float[] scores = [.. Enumerable.Range(0, 60).Select(i => (float)(i * 7 % 11))];

        var summary = RankingEvaluator.EvaluateAll(() => new FixedScorer(scores), EvaluationSplit.Test(data), [5, 10], threads: 2);

        Assert.Equal([QualityGroupKind.Activity, QualityGroupKind.Tenure, QualityGroupKind.ColdStart, QualityGroupKind.Popularity], summary.Groups.Select(group => group.Kind).Distinct());
        foreach (var kind in summary.Groups.GroupBy(group => group.Kind)) // with one held-out item each, users and items are the same
        {
            Assert.Equal(summary.Users, kind.Sum(group => group.Count));
            Assert.Equal(summary.Metrics["hr@10"], kind.Sum(group => group.Count * group.HitRate) / summary.Users, 8);
            Assert.Equal(summary.Metrics["ndcg@10"], kind.Sum(group => group.Count * group.Ndcg) / summary.Users, 8);
        }

        (QualityGroupKind Kind, string Name)[] worst = [(QualityGroupKind.Activity, "decile"), (QualityGroupKind.Tenure, "tenure"), (QualityGroupKind.ColdStart, "cold-start"), (QualityGroupKind.Popularity, "popularity")];
        foreach (var (kind, name) in worst)
        {
            if (kind != QualityGroupKind.Activity && summary.Groups.Count(g => g.Kind == kind) == 1)
            {
                Assert.False(summary.Quantiles.ContainsKey($"ndcg@10/worst-{name}")); // it would be the mean
                continue;
            }

            Assert.Equal(summary.Groups.Where(g => g.Kind == kind).Min(g => g.Ndcg), summary.Quantiles[$"ndcg@10/worst-{name}"]);
            Assert.Equal(summary.Groups.Where(g => g.Kind == kind).Min(g => g.HitRate), summary.Quantiles[$"hr@10/worst-{name}"]);
            Assert.True(summary.Quantiles[$"ndcg@10/worst-{name}"] <= summary.Metrics["ndcg@10"]);
        }
    }

    [Fact]
    public void ColdStart_IsByTheNumberOfTrainingItems()
    {
        var summary = RankingEvaluator.EvaluateAll(() => new FixedScorer(new float[100]), SplitOf([0, 1, 4, 5, 9, 10, 19, 20, 60]), [10], threads: 1);

        Assert.Equal(
            [(0, 0, 1), (1, 4, 2), (5, 9, 2), (10, 19, 2), (20, null, 2)],
            summary.Groups.Where(group => group.Kind == QualityGroupKind.ColdStart).Select(group => (group.From, group.To, group.Count)));
    }

    [Fact]
    public void Tenure_IsTheDaysFromTheFirstTrainingInteractionToTheNewestOfAll()
    {
        // Users of 0 (no training), 0, 1, 3 and 3 days; the last of them is not evaluated.
        long[] times = [Day(3.4), Day(2.4), Day(3), Day(0.4), Day(0.3)];
        var split = new EvaluationSplit(
            new UserItems([0, 0, 1, 3, 4, 5], [1, 1, 2, 1, 1], timestamps: times), new UserItems(new int[6], []), new UserItems([0, 1, 2, 3, 4, 4], [7, 7, 7, 7]), 10);

        var tenure = TenureGroups.Of(split)!;

        Assert.Equal([0, 0, 1, 3, 3], Enumerable.Range(0, 5).Select(user => tenure.DaysOf(split.Train.Timestamps(user))));
        Assert.Equal<int>([0, 1, 3], tenure.Groups.Bounds);
        var milliseconds = new EvaluationSplit(new UserItems([0, 0, 1, 3, 4, 5], [1, 1, 2, 1, 1], timestamps: [.. times.Select(time => time * 1_000)]), split.AlsoRemoved, split.HeldOut, 10) { TimeUnit = TimeUnit.Milliseconds };
        Assert.Equal<int>(tenure.Groups.Bounds, TenureGroups.Of(milliseconds)!.Groups.Bounds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(17L)] // a number that only says an order
    public void Tenure_WithoutTimesOfACalendar_IsNotMeasured(long? time)
    {
        var train = new UserItems([0, 1, 2], [1, 2], timestamps: time is { } at ? [at, Day(3)] : null);
        var split = new EvaluationSplit(train, new UserItems(new int[3], []), new UserItems([0, 1, 2], [7, 7]), 10);

        var summary = RankingEvaluator.EvaluateAll(() => new FixedScorer(new float[10]), split, [10], threads: 1);

        Assert.Null(TenureGroups.Of(split));
        Assert.DoesNotContain(summary.Groups, group => group.Kind == QualityGroupKind.Tenure);
        Assert.DoesNotContain(summary.Quantiles.Keys, name => name.EndsWith("tenure", StringComparison.Ordinal));
    }

    [Fact]
    public void Apart_NewUsersAndItems_AreInTheirOwnGroupsAndChangeNothingElse()
    {
        // Users 0 and 1 are in the means; 2 and 3 are new, and one of them finds item 8; 4 has a history, and an item that nobody has.
        var plain = new EvaluationSplit(new UserItems([0, 1, 2, 2, 2, 3], [0, 1, 2]), new UserItems(new int[6], []), new UserItems([0, 1, 2, 2, 2, 2], [8, 7]), 30);
        var split = plain with { Apart = new UserItems([0, 0, 0, 1, 2, 3], [8, 5, 9]) };
        var scorer = new FixedScorer([.. Enumerable.Range(0, 30).Select(item => item == 8 ? 1f : item >= 10 ? 0f : -1f)]);

        var (without, summary) = (RankingEvaluator.EvaluateAll(() => scorer, plain, [1, 10], threads: 1), RankingEvaluator.EvaluateAll(() => scorer, split, [1, 10], threads: 2));

        Assert.Equal((2L, 0.5), (summary.Users, summary.Metrics["ndcg@10"]));
        Assert.Equal(without.Metrics, summary.Metrics);
        Assert.Equal(
            [.. without.Groups, new QualityGroup(QualityGroupKind.NewUsers, 0, 0, 2, 10, 0.5, 0.5), new QualityGroup(QualityGroupKind.NewItems, 0, 0, 1, 10, 0, 0)],
            summary.Groups);
        Assert.Equal((0.5, 0.5, 0, 0), (summary.Quantiles["ndcg@10/new-users"], summary.Quantiles["hr@10/new-users"], summary.Quantiles["ndcg@10/new-items"], summary.Quantiles["hr@10/new-items"]));
        Assert.DoesNotContain(without.Quantiles.Keys, name => name.Contains("new-", StringComparison.Ordinal));
    }

    [Fact]
    public void Apart_WithoutAnybodyInTheMeans_IsMeasuredAlone()
    {
        var split = new EvaluationSplit(new UserItems([0, 0], []), new UserItems([0, 0], []), new UserItems([0, 0], []), 30) { Apart = new UserItems([0, 1], [8]) };

        var summary = RankingEvaluator.EvaluateAll(() => new FixedScorer(new float[30]), split, [10], threads: 1);

        Assert.Equal((0L, 0), (summary.Users, summary.Metrics.Count));
        Assert.Equal(QualityGroupKind.NewUsers, Assert.Single(summary.Groups).Kind);
    }

    [Fact]
    public void Test_OfATemporalSplit_HidesWhatWasMetBeforeItAndShowsScorersTrainingOnly()
    {
        var data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 120, SyntheticItems = 80, Split = DatasetOptions.TemporalSplit, HoldOutValidation = true });
        var (split, seen) = (EvaluationSplit.Test(data), new SeenHistory());

        var summary = RankingEvaluator.EvaluateAll(() => seen, split, [10, 80], threads: 1);

        Assert.NotEmpty(split.Evaluated);
        Assert.Same(data.MetBeforeTest, split.AlsoRemoved);
        Assert.Same(data.ColdTest, split.Apart);
        Assert.True(data.MetBeforeTest!.Count > data.Validation.Count);
        Assert.Equal(split.Evaluated.Sum(user => (long)data.Train.Items(user).Length) + Enumerable.Range(0, data.Users.Count).Where(user => data.ColdTest?.Items(user).Length > 0).Sum(user => data.Train.Items(user).Length), seen.Items);
        Assert.Equal(summary.Users, summary.Groups.Where(group => group.Kind == QualityGroupKind.Tenure).Sum(group => group.Count));
    }

    private sealed class SeenHistory : IScorer
    {
        public long Items { get; private set; }

        public void Score(int user, UserHistory history, Span<float> scores)
        {
            Items += history.Items.Length;
            scores.Clear();
        }
    }

    private static long Day(double days) => 1_000_000_000 + (long)(days * 86_400);

    private static EvaluationSplit SplitOf(int[] lengths)
    {
        int[] offsets = [0, .. lengths.Select((_, i) => lengths.Take(i + 1).Sum())];
        var items = lengths.SelectMany(length => Enumerable.Range(0, length)).ToArray();
        var none = new UserItems(new int[lengths.Length + 1], []);
        return new EvaluationSplit(new UserItems(offsets, items), none, new UserItems([.. Enumerable.Range(0, lengths.Length + 1)], [.. lengths.Select(_ => 90)]), 100);
    }
}
