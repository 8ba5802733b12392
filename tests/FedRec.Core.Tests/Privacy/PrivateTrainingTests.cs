using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Privacy;

/// <summary>A federation trains with privacy, and nothing but the plan, the clipping and the step tell it from any other.</summary>
public sealed class PrivateTrainingTests
{
    private static readonly Dataset s_data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 80, SyntheticItems = 60 });
    private static readonly CohortOptions s_cohort = new(30, 0, 0.5);

    [Fact]
    public void Training_WithTheSameKey_GivesTheSameBytes_AndWithAnotherKeyOthers()
    {
        var key = SecretKey.New();

        Assert.Equal(Train(key), Train(key));
        Assert.NotEqual(Train(key), Train(SecretKey.New()));
        Assert.NotEqual(Train(key), Train(key: null));
    }

    [Fact]
    public void Plan_OfAPrivateRound_IsDrawnByTheKeyAndNotBySeed()
    {
        var key = SecretKey.New();
        int[] Cohort(SecretKey of, ulong seed) => [.. Algorithm(of, seed).Plan(Algorithm(of, seed).Init(), 1).Cohort];

        Assert.Equal(Cohort(key, 1), Cohort(key, 2));
        Assert.NotEqual(Cohort(key, 1), Cohort(SecretKey.New(), 1));
    }

    // Whoever is counted has at most the length that the noise is made for, and all have room in the sum.
    [Fact]
    public void Send_OfAClient_IsNoLongerThanTheNoiseHides()
    {
        var algorithm = Algorithm(SecretKey.New(), seed: 1, clip: 0.01);
        var (state, recipe) = (algorithm.Init(), algorithm.Learner.Recipe(LearningPhase.Training));
        using var worker = algorithm.Learner.CreateWorker();
        var lengths = Enumerable.Range(0, 80).Select(client =>
        {
            var values = new UpdateBuffer();
            var result = worker.Train(algorithm.Learner.Prepare(state.Parameters, state.Phase), algorithm.TaskOf(1, client, ClientPartition.PerUser(s_data).Client(client)), values);
            var (update, _, _) = algorithm.Send(recipe, 1, client, result, values);
            Assert.Equal(1, update.Weight);
            return NormClipping.Length(update.Values, recipe.Update);
        }).ToArray();

        Assert.InRange(lengths.Max(), 0.009, 0.01);
        Assert.True(algorithm.Plan(state, 1).Scale.Clients >= 80);
    }

    // A round needs a client: somebody is asked where the coins draw nobody, and nothing of what he sends is released.
    [Fact]
    public void Apply_OfARoundOfNobody_ReleasesNoiseAlone()
    {
        var algorithm = Algorithm(SecretKey.New(), seed: 1, expected: 1);
        var round = Enumerable.Range(1, 1_000).First(number => algorithm.Privacy!.Draw(80, 1, number).IsEmpty);
        var (state, plan) = (algorithm.Init(), algorithm.Plan(algorithm.Init(), round));
        var (nothing, something) = (algorithm.Empty(algorithm.Learner.Recipe(state.Phase)), algorithm.Empty(algorithm.Learner.Recipe(state.Phase)));
        var update = new UpdateBuffer();
        update.Segment(0, 8).Fill(0.1f);
        Assert.True(nothing.TryAdd(0, new ClientUpdate(new UpdateBuffer(), 1, 0, 1)) && something.TryAdd(0, new ClientUpdate(update, 1, 0, 1)));

        Assert.Single(plan.Cohort);
        Assert.Equal(algorithm.Apply(state, round, nothing.Close()).Parameters.ToArray(), algorithm.Apply(state, round, something.Close()).Parameters.ToArray());
        var recipe = algorithm.Learner.Recipe(state.Phase);
        Assert.Equal(algorithm.NameOfRelease(recipe, round, nothing.Close()), algorithm.NameOfRelease(recipe, round, something.Close()));
    }

    [Theory]
    [InlineData("mf", "objective=least-squares")]
    [InlineData("mf", "objective=logistic,scaffold=on")]
    [InlineData("ease", "")]
    public void Learner_WhoseClientsSendMoreThanDirections_IsRefused(string name, string options)
    {
        var learner = LearnerRegistry.Create(
            name, options.Split(',', StringSplitOptions.RemoveEmptyEntries).ToDictionary(option => option.Split('=')[0], option => option.Split('=')[1]), new FederationShape(60));

        Assert.StartsWith("privacy is asked for", Assert.Throws<ArgumentException>(() => UpdateWay.ThrowUnlessPrivate(learner)).Message, StringComparison.Ordinal);
    }

    private static float[] Train(SecretKey? key)
    {
        var federation = new InProcessFederation(Learner(), _ => new SgdOptimizer(1), ClientWeighting.Parse("uniform", 0))
        {
            Steps = new UpdatePipeline(new NormClipping(0.5)),
            Cohort = s_cohort,
            Privacy = key is null ? null : new(() => new CentralPrivacy(0.5, 1, key, "test/run-1")),
        };
        return [.. federation.Train([.. Enumerable.Range(0, 80).Select(ClientPartition.PerUser(s_data).Client)], rounds: 4, seed: 3).Span];
    }

    private static ILearner Learner() => LearnerRegistry.Create("mf", new Dictionary<string, string> { ["objective"] = "bpr", ["dims"] = "8" }, new FederationShape(60));

    private static FederatedAlgorithm Algorithm(SecretKey key, ulong seed, double clip = 0.5, int expected = 30)
    {
        var way = UpdateWay.For(Learner(), FederationParts.BuiltIn(), new UpdateSettings(clip), 80);
        return new FederatedAlgorithm(
            Learner(),
            new FederatedOptions(way, ClientWeighting.Parse("uniform", 0), _ => new SgdOptimizer(1), seed)
            {
                Cohort = s_cohort with { Size = expected },
                Privacy = new(() => new CentralPrivacy(clip, 1, key, "test/run-1")),
            },
            80,
            [.. Enumerable.Repeat(10, 80)]);
    }
}
