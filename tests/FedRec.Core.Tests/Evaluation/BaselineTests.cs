using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Evaluation;

public sealed class BaselineTests
{
    // Three users: {0, 1}, {0, 1, 2}, {2}; nothing held out.
    private static readonly Dataset s_small = Explicit("a,0\na,1\nb,0\nb,1\nb,2\nc,2\n");

    [Fact]
    public void Popularity_Scores_AreTrainingCounts() => Assert.Equal([2f, 2f, 2f], Scores(BaselineRegistry.Create("popularity", s_small, 1), [2], 3));

    [Fact]
    public void ItemKnn_Scores_AreShrunkCosinesToTheHistory()
    {
        var scores = Scores(new ItemKnnScorer(s_small, neighbours: 2, shrinkage: 1), [0, 2], 3);

        Assert.Equal(1 / 3f, scores[0], 1e-6f); // to item 2: one user in common / (√(2·2) + 1)
        Assert.Equal(1f, scores[1], 1e-6f); // to item 0: 2 / 3, to item 2: 1 / 3
        Assert.Equal(1 / 3f, scores[2], 1e-6f);
    }

    [Fact]
    public void ItemKnn_OneNeighbour_KeepsTheNearest() =>
        Assert.Equal([2 / 3f, 0f, 0f], Scores(new ItemKnnScorer(s_small, neighbours: 1, shrinkage: 1), [1], 3)); // item 2 is as near to 0 as to 1 and keeps 0

    [Fact]
    public void Ials_UserVectors_MinimiseTheObjective()
    {
        var data = SyntheticCatalogue.Create(new SyntheticOptions { Users = 30, Items = 40, Activity = 8 }).ToDataset();
        var options = new IalsOptions { Dims = 8, Sweeps = 2 };
        var scorer = new IalsScorer(data, options, 1);

        var best = Objective(scorer.UserVector(3).ToArray());

        for (var dim = 0; dim < options.Dims; dim++)
        {
            foreach (var step in (float[])[-0.01f, 0.01f])
            {
                var moved = scorer.UserVector(3).ToArray();
                moved[dim] += step;
                Assert.True(Objective(moved) > best);
            }
        }

        double Objective(float[] user)
        {
            var own = data.Train.Items(3).ToArray();
            double Predict(int item) => scorer.ItemVector(item).ToArray().Zip(user, (a, b) => (double)a * b).Sum();
            return own.Sum(i => Math.Pow(Predict(i) - 1, 2))
                + (options.Alpha * Enumerable.Range(0, data.Items.Count).Sum(i => Math.Pow(Predict(i), 2)))
                + (options.L2 * (own.Length + (options.Alpha * data.Items.Count)) * user.Sum(v => (double)v * v));
        }
    }

    [Fact]
    public void Ials_Weights_MakeTheGradientOfTheWeightedLossZero()
    {
        var options = new IalsOptions { Dims = 3, Sweeps = 2, Alpha = 0.2f, L2 = 0.05f };
        float[] weights = [0.25f, 3, 1, 0.5f, 1];
        var train = new UserItems([0, 3, 5], [0, 1, 2, 1, 3], weights: weights);
        var none = new UserItems([0, 0, 0], []);
        var (users, items) = (new IdMap(), new IdMap());
        Array.ForEach(["a", "b"], user => users.GetOrAdd(user));
        Array.ForEach(["w", "x", "y", "z"], item => items.GetOrAdd(item));
        var scorer = new IalsScorer(new Dataset("made up", users, items, ItemCatalogue.FromIds(items), train, none, none, "", new LoadReport(5, 0, 0, [])), options, seed: 1);
        var user = scorer.UserVector(0).ToArray();
        var gradient = user.Select(value => options.L2 * (4.25 + (options.Alpha * 4)) * value).ToArray();

        for (var item = 0; item < 4; item++)
        {
            var vector = scorer.ItemVector(item).ToArray();
            var predicted = vector.Zip(user, (a, b) => (double)a * b).Sum();
            var error = (options.Alpha * predicted) + (item < 3 ? weights[item] * (predicted - 1) : 0);
            gradient = [.. gradient.Zip(vector, (sum, value) => sum + (error * value))];
        }

        Assert.All(gradient, slope => Assert.Equal(0, slope, 1e-5));
    }

    [Fact]
    public void Ials_SameSeed_GivesTheSameScores()
    {
        float[] Run(ulong seed) => Scores(BaselineRegistry.Create("ials", s_small, seed), [0], 3);

        Assert.Equal(Run(1), Run(1));
        Assert.NotEqual(Run(1), Run(2));
    }

    [Fact]
    public void Create_UnknownName_NamesTheKnownOnes() =>
        Assert.Contains("popularity, item-knn, ials, sasrec", Assert.Throws<ArgumentException>(() => BaselineRegistry.Create("svd", s_small, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Create_OnTheSyntheticCatalogue_LearnersBeatPopularityClearly()
    {
        var data = SyntheticCatalogue.Create(new SyntheticOptions { Users = 400, Items = 300 }).ToDataset();

        var popularity = Ndcg("popularity", data);

        Assert.InRange(popularity, 0.02, 0.15);
        Assert.True(Ndcg("item-knn", data) > 1.5 * popularity);
        Assert.True(Ndcg("ials", data) > 1.5 * popularity);
    }

    [RealDataFact("ml-100k/u.data")]
    [Trait("Category", "Slow")]
    public void Create_OnMovieLens100K_ReachesThePublishedLevel()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-100k/u.data") });

        var popularity = Evaluate("popularity", data, 1).Metrics;
        var ials = new[] { 1UL, 2UL, 3UL }.Select(seed => Evaluate("ials", data, seed).Metrics).ToList();

        Assert.Equal(0.0859, popularity["hr@10"], 0.0005);
        Assert.Equal(0.0443, popularity["ndcg@10"], 0.0005);
        Assert.True(ials.Average(m => m["hr@10"]) >= 0.143);
        Assert.True(ials.Average(m => m["ndcg@10"]) >= 0.072);
    }

    private static double Ndcg(string name, Dataset data) => Evaluate(name, data, 1).Metrics["ndcg@10"];

    private static EvaluationSummary Evaluate(string name, Dataset data, ulong seed)
    {
        var scorer = BaselineRegistry.Create(name, data, seed);
        return RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(data), [10], threads: 2);
    }

    private static float[] Scores(IScorer scorer, int[] history, int items)
    {
        var scores = new float[items];
        scorer.Score(0, history, scores);
        return scores;
    }

    private static Dataset Explicit(string rows)
    {
        using var folder = new Data.TempFolder();
        return DatasetSource.Open(new DatasetOptions { Path = folder.Write("a.csv", "user,item,split\n" + rows.Replace("\n", ",train\n", StringComparison.Ordinal)) });
    }
}
