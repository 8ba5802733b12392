using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Models;
using FedRec.Core.Personalization;
using FedRec.Core.Personalization.Clusters;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Models.FeatureModels;
using FedRec.Core.Tests.Native;
using FedRec.Core.Training;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>What holds for clusters whatever the learner.</summary>
[Collection(nameof(TorchCollection))]
public sealed class ClusteredLearnerLawTests
{
    private static readonly Dataset s_data = DatasetSource.Open(new DatasetOptions { SyntheticUsers = 30, SyntheticItems = 40 });
    private static readonly ClientPartition s_clients = ClientPartition.PerUser(s_data);

    public static TheoryData<string, string, string> Learners { get; } = new()
    {
        { "mf", "objective", "least-squares" },
        { "mf", "objective", "logistic" },
        { "mf", "objective", "bpr" },
        { "mf", "objective", "mse" },
        { "ncf", "model", "neumf" },
    };

    [Theory]
    [MemberData(nameof(Learners))]
    public void Train_InClusters_BeginsWithTheBytesOfTheSharedModel(string name, string option, string value)
    {
        var (inner, defaults) = Inner(name, option, value);
        var learner = new ClusteredLearner(inner, clusters: 3, warmUp: 2);

        var clustered = LocalFederation.Train(learner, defaults, s_data, rounds: 5, seed: 7).ToArray();
        var plain = LocalFederation.Train(inner, defaults, s_data, rounds: 5, seed: 7).ToArray();

        Assert.Equal(plain, clustered[..plain.Length]);
        Assert.NotEqual(plain, clustered[plain.Length..(2 * plain.Length)]);
        Assert.All(clustered, number => Assert.True(float.IsFinite(number)));
        Assert.Equal(clustered, LocalFederation.Train(learner, defaults, s_data, rounds: 5, seed: 7).ToArray());
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Train_InOneCluster_GivesItTheSharedModel(string name, string option, string value)
    {
        var (inner, defaults) = Inner(name, option, value);

        var clustered = LocalFederation.Train(new ClusteredLearner(inner, clusters: 1, warmUp: 1), defaults, s_data, rounds: 5, seed: 7).ToArray();

        var length = inner.Parameters.Length;
        Assert.Equal(clustered[..length], clustered[length..(2 * length)]);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Train_WhileClustersForm_KeepsTheirModelsShared(string name, string option, string value)
    {
        var (inner, defaults) = Inner(name, option, value);

        var clustered = LocalFederation.Train(new ClusteredLearner(inner, clusters: 2, warmUp: 3), defaults, s_data, rounds: 3, seed: 7).ToArray();

        var length = inner.Parameters.Length;
        Assert.Equal(clustered[..length], clustered[length..(2 * length)]);
        Assert.Equal(clustered[..length], clustered[(2 * length)..(3 * length)]);
        Assert.Equal(3, clustered[^1]);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Aggregate_InAnyOrderOfClients_IsTheSame(string name, string option, string value)
    {
        var (inner, defaults) = Inner(name, option, value);
        var learner = new ClusteredLearner(inner, clusters: 3, warmUp: 1);
        var parameters = LocalFederation.Train(learner, defaults, s_data, rounds: 3, seed: 7);

        Assert.Equal(Delta(learner, parameters, Enumerable.Range(0, s_clients.Count)), Delta(learner, parameters, Enumerable.Range(0, s_clients.Count).Reverse()));
    }

    [Theory]
    [InlineData("mf", "objective", "least-squares", 1, 2)]
    [InlineData("mf", "objective", "logistic", 1, 2)]
    [InlineData("mf", "objective", "least-squares", 3, 16)]
    [InlineData("ncf", "model", "neumf", 1, 2)]
    [InlineData("ncf", "model", "gmf", 3, 16)]
    public void Train_WithFewerClientsThanClusters_GivesNumbers(string name, string option, string value, int clients, int clusters)
    {
        var (inner, defaults) = Inner(name, option, value);
        var learner = new ClusteredLearner(inner, clusters, warmUp: 3);
        var federation = new InProcessFederation(learner, _ => defaults.ServerOptimizer.Create(), ClientWeighting.Parse(defaults.Weighting, 0));

        var parameters = federation.Train([.. Enumerable.Range(0, clients).Select(s_clients.Client)], rounds: 8, seed: 1);

        Assert.All(parameters.ToArray(), number => Assert.True(float.IsFinite(number)));
        using var choice = new ClusterChoice(learner);
        Assert.NotNull(choice.Personalize(learner.Prepare(parameters), s_clients.Client(0), SeedSequence.For(1, "personal")));
    }

    [Theory]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("ncf", "model", "neumf")]
    public void Train_WithAClientOfOneItemAndOneOfNone_GivesNumbers(string name, string option, string value)
    {
        var (inner, defaults) = Inner(name, option, value);
        var learner = new ClusteredLearner(inner, clusters: 2, warmUp: 2);
        var federation = new InProcessFederation(learner, _ => defaults.ServerOptimizer.Create(), ClientWeighting.Parse(defaults.Weighting, 0));
        ClientData[] clients = [With([3]), With([]), s_clients.Client(4)];

        var version = learner.Prepare(federation.Train(clients, rounds: 6, seed: 1));

        Assert.All(version.Parameters.ToArray(), number => Assert.True(float.IsFinite(number)));
        using var choice = new ClusterChoice(learner);
        Assert.Same(version, choice.Personalize(version, clients[1], SeedSequence.For(1, "personal")));
        Assert.Contains(choice.Personalize(version, clients[0], SeedSequence.For(1, "personal")), ((ClusteredModel)version).Clusters);
        Assert.NotSame(version, choice.Personalize(version, clients[0], SeedSequence.For(1, "personal")));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    public void Train_OfAClient_GoesToTheSharedModelAndToOneCluster(int warmUp, int rounds)
    {
        var (inner, defaults) = Inner("mf", "objective", "logistic");
        var (learner, layout) = (new ClusteredLearner(inner, 3, warmUp), new ClusteredLayout(inner, 3));
        var model = learner.Prepare(LocalFederation.Train(learner, defaults, s_data, rounds, seed: 7));
        using var worker = learner.CreateWorker();

        var contribution = new ContributionBuffer();
        worker.Train(model, new LocalTask(s_clients.Client(2), SeedSequence.For(1, 4, 2)), contribution);

        var offsets = Enumerable.Range(0, contribution.SegmentCount).Select(contribution.Offset).ToArray();
        var cluster = offsets.Single(offset => offset >= layout.Weights) - layout.Weights;
        var (shares, sketches) = (offsets.Where(offset => offset >= layout.Share(0) && offset < layout.Sketches).ToArray(), offsets.Where(offset => offset >= layout.Sketches && offset < layout.Weights).ToArray());
        Assert.Contains(offsets, offset => offset < layout.Share(0));
        Assert.Equal(rounds < warmUp, shares.Length == 0);
        Assert.All(shares, offset => Assert.InRange(offset, layout.Share(cluster), layout.Share(cluster) + layout.ShareLength - 1));
        Assert.Equal(rounds < warmUp ? [layout.Sketches + (cluster * UpdateSketch.Length)] : [], sketches);
    }

    [Fact]
    public void Train_AfterTheClustersHaveFormed_MovesNeitherCentroidsNorReference()
    {
        var (inner, defaults) = Inner("mf", "objective", "least-squares");
        var (learner, layout) = (new ClusteredLearner(inner, 2, warmUp: 12), new ClusteredLayout(inner, 2));

        float[] After(int rounds) => LocalFederation.Train(learner, defaults, s_data, rounds, seed: 7).ToArray();

        Assert.Equal(After(10)[layout.Reference..^1], After(14)[layout.Reference..^1]);
        Assert.Equal(After(9)[..layout.ModelLength], After(14)[layout.Reference..layout.Centroids]); // the model of the last sketches
        Assert.Equal(After(12)[..layout.ModelLength], After(12)[layout.Model(1)..layout.Reference]);
        Assert.NotEqual(After(13)[..layout.ModelLength], After(13)[layout.Model(1)..layout.Reference]);
    }

    [Fact]
    public void Clusters_OfAVersionThatALongerWarmUpGoesOnFrom_StayWhatTheyAreAndTheReferenceFollows()
    {
        var (inner, defaults) = Inner("mf", "objective", "least-squares");
        var layout = new ClusteredLayout(inner, 2);
        var parameters = LocalFederation.Train(new ClusteredLearner(inner, 2, warmUp: 1), defaults, s_data, rounds: 3, seed: 7);
        var longer = new ClusteredLearner(inner, 2, warmUp: 4);

        var model = (ClusteredModel)longer.Prepare(parameters);
        var delta = Delta(longer, parameters, [0, 1, 2]); // of the fourth round, the last in which clusters form

        Assert.Equal(parameters.ToArray()[layout.Model(1)..layout.Reference], model.Clusters[1].Parameters.ToArray());
        for (var i = 0; i < layout.ModelLength; i++)
        {
            Assert.Equal(parameters.Span[i], parameters.Span[layout.Reference + i] + delta[layout.Reference + i], 1e-5f);
        }
    }

    [Fact]
    public void Score_WithAVersion_IsThatOfItsSharedModel()
    {
        var (inner, defaults) = Inner("mf", "objective", "mse");
        var learner = new ClusteredLearner(inner, clusters: 2, warmUp: 1);
        var parameters = LocalFederation.Train(learner, defaults, s_data, rounds: 3, seed: 7);
        using var clustered = (IRatingWorker)learner.CreateWorker();
        using var plain = (IRatingWorker)inner.CreateWorker();
        var history = s_clients.Client(2).History(0);
        float[] expected = new float[40], actual = new float[40], expectedRating = new float[1], actualRating = new float[1];

        clustered.Score(learner.Prepare(parameters), history, actual);
        plain.Score(inner.Prepare(parameters[..inner.Parameters.Length]), history, expected);
        clustered.Predict(learner.Prepare(parameters), history, [0], actualRating);
        plain.Predict(inner.Prepare(parameters[..inner.Parameters.Length]), history, [0], expectedRating);

        Assert.Equal(expected, actual);
        Assert.Equal(expectedRating, actualRating);
    }

    [Fact]
    public void Prepare_OfAnotherLength_IsRefused()
    {
        var learner = new ClusteredLearner(Inner("mf", "objective", "bpr").Learner, clusters: 2, warmUp: 1);

        Assert.Contains("2 clusters", Assert.Throws<ArgumentException>(() => learner.Prepare(new float[5])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Around_ALearnerThatKeepsControlVariates_IsRefused()
    {
        var options = new Dictionary<string, string> { ["objective"] = "logistic", ["scaffold"] = "on" };
        var inner = LearnerRegistry.Create("mf", options, FederationShape.Of(s_data, 30));

        var refused = Assert.Throws<ArgumentException>(() => Personalizations.Around(inner, new() { Method = PersonalizationMethod.Clusters }, 10));

        Assert.Contains("cannot be trained in clusters", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Around_ALearnerWithARoundOfPreparation_IsRefused()
    {
        var inner = TableFederation.Learner(MadeTable.Open("binary"));

        var refused = Assert.Throws<ArgumentException>(() => Personalizations.Around(inner, new() { Method = PersonalizationMethod.Clusters }, 10));

        Assert.Contains("The learner mlp", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null, "personal-clusters is 0; it must be 1 to 16")]
    [InlineData(17, null, "personal-clusters is 17; it must be 1 to 16")]
    [InlineData(2, 0, "personal-warm-up is 0; it must be 1 to 1,000,000")]
    public void Validate_OutOfRange_NamesTheSettingAndItsRange(int clusters, int? warmUp, string message)
    {
        var options = new PersonalizationOptions { Method = PersonalizationMethod.Clusters, Clusters = clusters, ClusterWarmUp = warmUp };

        Assert.Contains(message, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    private static float[] Delta(ClusteredLearner learner, ReadOnlyMemory<float> parameters, IEnumerable<int> clients)
    {
        var (model, sum, buffer) = (learner.Prepare(parameters), new ContributionSum(learner.Contribution.Length), new ContributionBuffer());
        using var worker = learner.CreateWorker();
        foreach (var client in clients)
        {
            buffer.Clear();
            var result = worker.Train(model, new LocalTask(s_clients.Client(client), SeedSequence.For(1, 4, client)), buffer);
            Assert.True(sum.TryAdd(buffer, 1 + (client % 3), result.Loss, result.Examples));
        }

        var delta = new float[learner.Parameters.Length];
        learner.Aggregate(parameters.Span, sum, delta);
        return delta;
    }

    private static ClientData With(int[] items) => new(new UserItems([0, items.Length], items), new[] { 0 }, 40);

    private static (ILearner Learner, LearnerDefaults Defaults) Inner(string name, string option, string value)
    {
        var options = new Dictionary<string, string> { [option] = value, ["dims"] = "8" };
        return (LearnerRegistry.Create(name, options, FederationShape.Of(s_data, 30)), LearnerRegistry.Find(name).Recommended(options));
    }
}
