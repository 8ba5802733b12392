using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Personalization;
using FedRec.Core.Personalization.Clusters;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Learners.FeatureModels;
using FedRec.Core.Tests.Native;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>Too few clients, empty clients, and what cannot be trained in clusters.</summary>
[Collection(nameof(TorchCollection))]
public sealed class ClusterEdgeTests
{
    [Theory]
    [InlineData("mf", "objective", "least-squares", 1, 2)]
    [InlineData("mf", "objective", "logistic", 1, 2)]
    [InlineData("mf", "objective", "least-squares", 3, 16)]
    [InlineData("ncf", "model", "neumf", 1, 2)]
    [InlineData("ncf", "model", "gmf", 3, 16)]
    public void Train_WithFewerClientsThanClusters_GivesNumbers(string name, string option, string value, int clients, int clusters)
    {
        var (inner, defaults) = ClusterToy.Inner(name, option, value);
        var learner = new ClusteredLearner(inner, clusters, warmUp: 3);
        var federation = new InProcessFederation(learner, _ => defaults.ServerOptimizer.Create(), ClientWeighting.Parse(defaults.Weighting, 0));

        var parameters = federation.Train([.. Enumerable.Range(0, clients).Select(ClusterToy.Clients.Client)], rounds: 8, seed: 1);

        Assert.All(parameters.ToArray(), number => Assert.True(float.IsFinite(number)));
        using var choice = new ClusterChoice(learner);
        Assert.NotNull(choice.Personalize(learner.Prepare(parameters), ClusterToy.Clients.Client(0), SeedSequence.For(1, "personal")));
    }

    [Theory]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("ncf", "model", "neumf")]
    public void Train_WithAClientOfOneItemAndOneOfNone_GivesNumbers(string name, string option, string value)
    {
        var (inner, defaults) = ClusterToy.Inner(name, option, value);
        var learner = new ClusteredLearner(inner, clusters: 2, warmUp: 2);
        var federation = new InProcessFederation(learner, _ => defaults.ServerOptimizer.Create(), ClientWeighting.Parse(defaults.Weighting, 0));
        ClientData[] clients = [ClusterToy.With([3]), ClusterToy.With([]), ClusterToy.Clients.Client(4)];

        var version = learner.Prepare(federation.Train(clients, rounds: 6, seed: 1));

        Assert.All(version.Parameters.ToArray(), number => Assert.True(float.IsFinite(number)));
        using var choice = new ClusterChoice(learner);
        Assert.Same(version, choice.Personalize(version, clients[1], SeedSequence.For(1, "personal")));
        Assert.Contains(choice.Personalize(version, clients[0], SeedSequence.For(1, "personal")), ((ClusteredModel)version).Clusters);
        Assert.NotSame(version, choice.Personalize(version, clients[0], SeedSequence.For(1, "personal")));
    }

    [Fact]
    public void Prepare_OfAnotherLength_IsRefused()
    {
        var learner = new ClusteredLearner(ClusterToy.Inner("mf", "objective", "bpr").Learner, clusters: 2, warmUp: 1);

        Assert.Contains("2 clusters", Assert.Throws<ArgumentException>(() => learner.Prepare(new float[5])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Around_ALearnerThatKeepsControlVariates_IsRefused()
    {
        var options = new Dictionary<string, string> { ["objective"] = "logistic", ["scaffold"] = "on" };
        var inner = LearnerRegistry.Create("mf", options, FederationShape.Of(ClusterToy.Data, 30));

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
}
