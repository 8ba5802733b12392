using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Grains.Tests.Messages;

namespace FedRec.Grains.Tests.Clients;

/// <summary>Clients score with models of their own; what is trained, stored and sent stays the same.</summary>
public sealed class PersonalizationTests
{
    private static readonly PersonalizationSettings s_fineTune = new() { Method = "fine-tune", LearningRate = 1 };

    [Fact]
    public async Task Run_WithPersonalization_TrainsTheSameVersionAndEvaluatesTheClientsOwn()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var plain = await federation.RunAsync(TestFederation.Request(rounds: 3));
        var personal = await federation.RunAsync(TestFederation.Request(rounds: 3) with { Personalization = s_fineTune });
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        var own = (await evaluation.EvaluateAsync(personal.Version, [10]))!;
        var shared = (await evaluation.EvaluateSharedAsync(personal.Version, [10]))!;
        var before = (await evaluation.EvaluateAsync(plain.Version, [10]))!;

        Assert.Equal(plain.Sha256, personal.Sha256);
        Assert.Equal(before.Metrics, shared.Metrics);
        Assert.NotEqual(shared.Metrics["auc"], own.Metrics["auc"]);
    }

    [Fact]
    public async Task Compare_WithItselfShared_IsTheDifferenceOfBothEvaluations()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var run = await federation.RunAsync(TestFederation.Request(rounds: 3) with { Personalization = s_fineTune });
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        var gain = (await evaluation.CompareAsync(run.Version, new ComparedWith(run.Version) { Shared = true }, [10]))!;

        var (own, shared) = ((await evaluation.EvaluateAsync(run.Version, [10]))!, (await evaluation.EvaluateSharedAsync(run.Version, [10]))!);
        Assert.Equal($"version {run.Version} shared", gain.Second);
        Assert.All(gain.Differences, d => Assert.Equal((own.Metrics[d.Metric], shared.Metrics[d.Metric]), (d.First, d.Second)));
    }

    [Fact]
    public async Task Recommend_ForAClientsUser_ScoresWithTheClientsOwnModel()
    {
        var (own, shared) = (await ScoresAsync(s_fineTune, 1), await ScoresAsync(null, 1));
        var still = await ScoresAsync(s_fineTune with { Steps = 0 }, 1);

        Assert.NotEqual<float>(shared, own);
        Assert.Equal<float>(shared, still);
    }

    [Theory]
    [InlineData("fine-tune")]
    [InlineData("additive")]
    [InlineData("interpolate")]
    [InlineData("clusters")]
    public async Task Run_OnThreeSilos_GivesTheNumbersOfOneAndSendsNoModel(string method)
    {
        var settings = SettingsOf(method);
        Assert.Equal<float>(await ScoresAsync(settings, 1), await ScoresAsync(settings, 3));

        await using var federation = await TestFederation.StartAsync(3);
        var calls = new CapturedCalls();
        calls.Watch(federation.Gate);
        var status = await federation.RunAsync(TestFederation.Request(rounds: 2) with { Personalization = settings });

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Empty(calls.Messages.SelectMany(sent => MessageTypes.UnknownIn(sent.Message).Select(type => $"{sent.Call}: {type}")).Distinct());
    }

    [Fact]
    public async Task Run_InClusters_HoldsAllModelsAndTheSharedOneOfARunWithout()
    {
        var settings = new PersonalizationSettings { Method = "clusters", Clusters = 3, ClusterWarmUp = 1 };
        await using var federation = await TestFederation.StartAsync(1);
        var plain = await federation.RunAsync(TestFederation.Request(rounds: 4));
        var clustered = await federation.RunAsync(TestFederation.Request(rounds: 4) with { Personalization = settings });
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        var shared = (await evaluation.EvaluateSharedAsync(clustered.Version, [10]))!;
        var own = (await evaluation.EvaluateAsync(clustered.Version, [10]))!;

        Assert.NotEqual(plain.Sha256, clustered.Sha256);
        Assert.Equal((await evaluation.EvaluateAsync(plain.Version, [10]))!.Metrics, shared.Metrics);
        Assert.NotEqual(shared.Metrics["auc"], own.Metrics["auc"]);
        var tensors = (await federation.Grains.GetGrain<FedRec.Contracts.Models.IModelGrain>("test").GetManifestAsync(clustered.Version))!.Tensors;
        Assert.Equal(["item_factors", "cluster_1.item_factors", "cluster_2.item_factors", "cluster_3.item_factors"], tensors.Take(4).Select(tensor => tensor.Name));
    }

    [Theory]
    [InlineData("mf")]
    [InlineData("ncf")]
    public async Task Run_InClusters_OnThreeSilosGivesTheBytesOfOne(string learner)
    {
        async Task<string> HashAsync(short silos)
        {
            await using var federation = await TestFederation.StartAsync(silos);
            var status = await federation.RunAsync(TestFederation.Request(rounds: 4) with
            {
                Learner = learner,
                LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8"),
                Personalization = new PersonalizationSettings { Method = "clusters", ClusterWarmUp = 2 },
            });
            return status.Sha256;
        }

        Assert.Equal(await HashAsync(1), await HashAsync(3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public async Task Start_WithClustersOutOfRange_SaysWhatIsAllowed(int clusters)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: 1) with { Personalization = new PersonalizationSettings { Method = "clusters", Clusters = clusters } };

        var receipt = await federation.StartRunAsync(request);

        Assert.Equal((RunOutcome.Invalid, $"personal-clusters is {clusters}; it must be 1 to 16."), (receipt.Outcome, receipt.Message));
    }

    [Theory]
    [InlineData("ease", "clusters", 1, "adds up exact statistics")]
    [InlineData("ease", "fine-tune", 1, "adds up exact statistics")]
    [InlineData("mf", "magic", 1, "There is no personalisation 'magic'")]
    [InlineData("mf", "additive", -1, "personal-steps is -1")]
    public async Task Start_WithWhatCannotBe_SaysWhy(string learner, string method, int steps, string reason)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: learner == "ease" ? 0 : 1) with
        {
            Learner = learner,
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty,
            Personalization = method == "clusters" ? SettingsOf(method) : SettingsOf(method) with { Steps = steps },
        };

        var receipt = await federation.StartRunAsync(request);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(reason, receipt.Message, StringComparison.Ordinal);
    }

    // Clusters are trained in the rounds: there are no steps of the client's own to set.
    private static PersonalizationSettings SettingsOf(string method) =>
        method == "clusters" ? new PersonalizationSettings { Method = method } : s_fineTune with { Method = method };

    private static async Task<float[]> ScoresAsync(PersonalizationSettings? settings, short silos)
    {
        await using var federation = await TestFederation.StartAsync(silos);
        await federation.RunAsync(TestFederation.Request(rounds: 2) with { Personalization = settings });
        var recommender = federation.Grains.GetGrain<IRecommenderGrain>("test");
        var scores = new List<float>();
        foreach (var user in await recommender.ListUsersAsync(0, 5))
        {
            scores.AddRange((await recommender.RecommendAsync(new RecommendationQuery(user, 5, false, 0))).Items.Select(item => item.Score));
        }

        return [.. scores];
    }
}
