using FedRec.Core.Learners;
using FedRec.Core.Personalization.Clusters;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Native;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>What holds for clusters whatever the learner.</summary>
[Collection(nameof(TorchCollection))]
public sealed class ClusteredLearnerLawTests
{
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
        var (inner, defaults) = ClusterToy.Inner(name, option, value);
        var learner = new ClusteredLearner(inner, clusters: 3, warmUp: 2);

        var clustered = LocalFederation.Train(learner, defaults, ClusterToy.Data, rounds: 5, seed: 7).ToArray();
        var plain = LocalFederation.Train(inner, defaults, ClusterToy.Data, rounds: 5, seed: 7).ToArray();

        Assert.Equal(plain, clustered[..plain.Length]);
        Assert.NotEqual(plain, clustered[plain.Length..(2 * plain.Length)]);
        Assert.All(clustered, number => Assert.True(float.IsFinite(number)));
        Assert.Equal(clustered, LocalFederation.Train(learner, defaults, ClusterToy.Data, rounds: 5, seed: 7).ToArray());
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Train_InOneCluster_GivesItTheSharedModel(string name, string option, string value)
    {
        var (inner, defaults) = ClusterToy.Inner(name, option, value);

        var clustered = LocalFederation.Train(new ClusteredLearner(inner, clusters: 1, warmUp: 1), defaults, ClusterToy.Data, rounds: 5, seed: 7).ToArray();

        var length = inner.Parameters.Length;
        Assert.Equal(clustered[..length], clustered[length..(2 * length)]);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Train_WhileClustersForm_KeepsTheirModelsShared(string name, string option, string value)
    {
        var (inner, defaults) = ClusterToy.Inner(name, option, value);

        var clustered = LocalFederation.Train(new ClusteredLearner(inner, clusters: 2, warmUp: 3), defaults, ClusterToy.Data, rounds: 3, seed: 7).ToArray();

        var length = inner.Parameters.Length;
        Assert.Equal(clustered[..length], clustered[length..(2 * length)]);
        Assert.Equal(clustered[..length], clustered[(2 * length)..(3 * length)]);
        Assert.Equal(3, clustered[^1]);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Aggregate_InAnyOrderOfClients_IsTheSame(string name, string option, string value)
    {
        var (inner, defaults) = ClusterToy.Inner(name, option, value);
        var learner = new ClusteredLearner(inner, clusters: 3, warmUp: 1);
        var parameters = LocalFederation.Train(learner, defaults, ClusterToy.Data, rounds: 3, seed: 7);

        Assert.Equal(ClusterToy.Delta(learner, parameters, Enumerable.Range(0, ClusterToy.Clients.Count)), ClusterToy.Delta(learner, parameters, Enumerable.Range(0, ClusterToy.Clients.Count).Reverse()));
    }

    [Fact]
    public void Score_WithAVersion_IsThatOfItsSharedModel()
    {
        var (inner, defaults) = ClusterToy.Inner("mf", "objective", "mse");
        var learner = new ClusteredLearner(inner, clusters: 2, warmUp: 1);
        var parameters = LocalFederation.Train(learner, defaults, ClusterToy.Data, rounds: 3, seed: 7);
        using var clustered = (IRatingWorker)learner.CreateWorker();
        using var plain = (IRatingWorker)inner.CreateWorker();
        var history = ClusterToy.Clients.Client(2).History(0);
        float[] expected = new float[40], actual = new float[40], expectedRating = new float[1], actualRating = new float[1];

        clustered.Score(learner.Prepare(parameters), history, actual);
        plain.Score(inner.Prepare(parameters[..inner.Parameters.Length]), history, expected);
        clustered.Predict(learner.Prepare(parameters), history, [0], actualRating);
        plain.Predict(inner.Prepare(parameters[..inner.Parameters.Length]), history, [0], expectedRating);

        Assert.Equal(expected, actual);
        Assert.Equal(expectedRating, actualRating);
    }
}
