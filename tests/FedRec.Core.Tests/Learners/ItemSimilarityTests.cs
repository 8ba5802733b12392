using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Personalization;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Learners.FeatureModels;
using FedRec.Core.Tests.Learners.ShallowAutoencoders;
using FedRec.Core.Tests.Native;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Learners;

/// <summary>What a version says of how near items are is what plain arithmetic over its values says.</summary>
[Collection(nameof(TorchCollection))]
public sealed class ItemSimilarityTests
{
    private const int Items = 23;
    private static readonly UserItems s_counted = Counted.Random(60, Items, seed: 5);
    private static readonly Dataset s_data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 40, SyntheticItems = 30 });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(.75, 0)]
    [InlineData(.75, 3)]
    public void Measure_OfEase_IsTheRowOfTheClosedFormWhateverItsRecency(double dropout, double recency)
    {
        var learner = new Ease(new EaseOptions { Lambda = 3, ItemDropout = dropout, Kernel = 0, Recency = recency }, new FederationShape(Items) { HasTimes = true });
        var (weights, values) = (Reference.Weights(s_counted, Items, 3, dropout), Counted.Learn(learner, 1, Counted.Tasks(s_counted, Items)));

        AssertSimilar(learner, values, Items, (item, other) => weights[item, other], "weights of ease");
    }

    [Fact]
    public void Measure_OfASketch_IsTheScoreOfAHistoryOfThatItem()
    {
        var learner = new Ease(new EaseOptions { Lambda = 3, ItemDropout = 0, Sketch = 7 }, new FederationShape(Items));
        var values = Counted.Learn(learner, 1, Counted.Tasks(s_counted, Items));
        var (model, scores) = (learner.Prepare(values), new float[Items]);
        using var worker = learner.CreateWorker();

        AssertSimilar(learner, values, Items, (item, other) =>
        {
            worker.Score(model, new[] { item }, scores);
            return scores[other];
        }, "weights of ease");
    }

    [Theory]
    [InlineData("least-squares")]
    [InlineData("logistic")]
    [InlineData("bpr")]
    [InlineData("mse")]
    public void Measure_OfFactors_IsTheCosineOfTheRows(string objective)
    {
        var (learner, values) = Train("mf", ("objective", objective), ("dims", "5"));
        double[] Row(int item) => [.. values.Slice(item * 5, 5).ToArray().Select(value => (double)value)];

        AssertSimilar(learner, values, s_data.Items.Count, (item, other) => TensorPrimitives.CosineSimilarity<double>(Row(item), Row(other)), "cosine");
    }

    [Fact]
    public void Measure_OfZeroVectors_IsZero()
    {
        var learner = LearnerRegistry.Create("mf", new Dictionary<string, string>(), FederationShape.Of(s_data, 1));

        AssertSimilar(learner, new float[learner.Parameters.Length], s_data.Items.Count, (_, _) => 0, "cosine");
    }

    [Theory]
    [InlineData("least-squares")]
    [InlineData("mse")]
    public void Measure_OfClusters_IsThatOfTheSharedModel(string objective)
    {
        var (learner, values) = Train("mf", ("objective", objective), ("dims", "5"));
        var clustered = Personalizations.Around(learner, new PersonalizationOptions { Method = PersonalizationMethod.Clusters }, 4);
        var all = clustered.Initialize(1);
        values.CopyTo(all);
        var expected = All(learner, values, s_data.Items.Count);

        Assert.Equal(expected, All(clustered, all, s_data.Items.Count));
    }

    [Fact]
    public void Similarity_OfNetworksWithoutItemVectorsOfTheirOwn_IsNone()
    {
        var ncf = LearnerRegistry.Create("ncf", new Dictionary<string, string>(), FederationShape.Of(s_data, 1));
        var mlp = TableFederation.Learner(MadeTable.Open("multiclass"));

        Assert.All<ILearner>([ncf, mlp], learner =>
        {
            using var worker = learner.CreateWorker();
            Assert.Null(worker.Similarity(learner.Prepare(learner.Initialize(1))));
        });
    }

    private static (ILearner Learner, ReadOnlyMemory<float> Values) Train(string name, params (string Name, string Value)[] options)
    {
        var given = options.ToDictionary(option => option.Name, option => option.Value);
        var learner = LearnerRegistry.Create(name, given, FederationShape.Of(s_data, s_data.Users.Count));
        return (learner, LocalFederation.Train(learner, LearnerRegistry.Find(name).Recommended(given), s_data, 3, seed: 1));
    }

    private static void AssertSimilar(ILearner learner, ReadOnlyMemory<float> values, int items, Func<int, int, double> expected, string words)
    {
        var all = All(learner, values, items);
        for (var item = 0; item < items; item++)
        {
            Assert.All(all[item], (similarity, other) => Assert.True(other == item ? float.IsNaN(similarity) : Math.Abs(expected(item, other) - similarity) < 1e-6, $"{item}, {other}: {similarity}"));
        }

        using var worker = learner.CreateWorker();
        Assert.Contains(words, worker.Similarity(learner.Prepare(values))!.Words, StringComparison.Ordinal);
    }

    private static float[][] All(ILearner learner, ReadOnlyMemory<float> values, int items)
    {
        ILearnerWorker worker = learner.CreateWorker();
        var similarity = worker.Similarity(learner.Prepare(values))!;
        var all = new float[items][];
        for (var item = 0; item < items; item++)
        {
            all[item] = new float[items];
            Assert.True(similarity.Measure(item, all[item]));
        }

        worker.Dispose();
        return all;
    }
}
