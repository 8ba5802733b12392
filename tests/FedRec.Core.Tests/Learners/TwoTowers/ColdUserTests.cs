using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Learners;
using FedRec.Core.Learners.TwoTowers;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Native;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Learners.TwoTowers;

/// <summary>A user's features decide what it likes, and some users are known by their features alone.</summary>
[Collection(nameof(TorchCollection))]
public sealed class ColdUserTests
{
    private const int Tastes = 4;
    private const int Items = 40;
    private const int Users = 80;
    private static readonly FeatureSchema s_schema = new([FeatureColumn.Numeric("age"), FeatureColumn.Numeric("income")]);

    [Fact]
    public void Score_UserWithFeaturesAndNoItems_RanksTheItemsOfItsKindFirst()
    {
        var data = Train();
        var learner = new TwoTower(new TwoTowerOptions(), FederationShape.Of(Whole(data), Users));
        var trained = learner.Prepare(LocalFederation.Train(learner, Defaults, Partition(data), rounds: 41, seed: 1));
        using var worker = learner.CreateWorker();

        foreach (var taste in Enumerable.Range(0, Tastes))
        {
            var scores = new float[Items];
            worker.Score(trained, new UserHistory([], [], Features(taste, 0.1f)), scores);
            var first = Enumerable.Range(0, Items).OrderByDescending(item => scores[item]).Take(5);

            Assert.True(first.Count(item => item % Tastes == taste) >= 4, $"Taste {taste} is offered {string.Join(", ", first)}."); // chance is 1.25
        }
    }

    [Fact]
    public void Train_PreparationOfAnyClients_FindsThePooledMeansAndDeviations()
    {
        var data = Train();
        var learner = new TwoTower(new TwoTowerOptions(), new FederationShape(Items) { UserFeatures = s_schema });
        double[] ages = [.. Enumerable.Range(0, Users).Select(user => (double)data.Features!.Row(user)[0])];
        var mean = ages.Average();

        var each = LocalFederation.Train(learner, Defaults, Partition(data), rounds: 1, seed: 1).Span;
        var pooled = LocalFederation.Train(learner, Defaults, ClientPartition.Dealt(Whole(data), 1, 1), rounds: 1, seed: 1).Span;

        Assert.True(each.SequenceEqual(pooled));
        Assert.Equal(mean, each[learner.Parameters.Offset(TwoTowerShape.Means)], 1e-4);
        Assert.Equal(Math.Sqrt(ages.Average(age => (age - mean) * (age - mean))), each[learner.Parameters.Offset(TwoTowerShape.Means + 1)], 1e-4);
    }

    [Fact]
    public void Score_FeaturesMissingOrAbsurd_IsFinite()
    {
        var learner = new TwoTower(new TwoTowerOptions(), new FederationShape(Items) { UserFeatures = s_schema });
        using var worker = learner.CreateWorker();
        foreach (var features in new float[][] { [], [float.NaN, float.NaN], [1e30f, -1e30f] })
        {
            var scores = new float[Items];
            worker.Score(learner.Prepare(learner.Initialize(1)), new UserHistory([1, 2], [], features), scores);
            Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        }
    }

    private static LearnerDefaults Defaults => TwoTowerDescriptor.Instance.Recommended(new Dictionary<string, string>());

    private static ClientPartition Partition(UserItems data) => ClientPartition.PerUser(Whole(data));

    private static Dataset Whole(UserItems data) => NoiseData.Create(Users, Items, 3, 1).ToDataset() with { Train = data };

    private static float[] Features(int taste, float noise) => [40 + (15 * (taste % 2)) + noise, 30_000 + (20_000 * (taste / 2)) + noise];

    private static UserItems Train()
    {
        var (items, features) = (new List<int>(), new List<float>());
        for (var user = 0; user < Users; user++)
        {
            var (taste, random) = (user % Tastes, SeedSequence.For(1, "cold-user", user));
            var liked = Enumerable.Range(0, Items).Where(item => item % Tastes == taste).ToArray();
            random.Shuffle<int>(liked);
            items.AddRange(liked.Take(5).Order());
            features.AddRange(Features(taste, (float)random.NextGaussian()));
        }

        return new UserItems([.. Enumerable.Range(0, Users + 1).Select(user => 5 * user)], [.. items]) { Features = new FeatureTable(s_schema, [.. features]) };
    }
}
