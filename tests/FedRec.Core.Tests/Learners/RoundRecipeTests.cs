using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Personalization;
using FedRec.Core.Tests.Personalization.Clusters;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners;

/// <summary>Each phase of a run asks for what it needs and for nothing else; where a run stands is in its state, and in the numbers of its versions.</summary>
public sealed class RoundRecipeTests
{
    [Fact]
    public void Recipe_OfVotes_IsTheVotesAndNothingElse()
    {
        var learner = Create("ease", []);

        var rounds = Enumerable.Range(0, 8).Select(done => learner.Recipe(new LearningPhase("", done))).ToArray();

        Assert.Equal(["pair_counts", "votes", "pair_counts", "votes", "pair_counts", "votes", "pair_counts", "pair_counts"], rounds.Select(round => Assert.Single(round.Update.Blocks).Name));
        Assert.Equal([BlockRole.Count, BlockRole.Vote], rounds[..2].Select(round => round.Update.Blocks[0].Role));
        Assert.Equal((8 + (3 * 80), default(int?)), (rounds[0].Download, rounds[1].Download)); // to count, what is chosen so far; to vote, the counts too
        Assert.All(rounds, round => Assert.Equal((Participation.Everybody, WeightRule.One, StepRule.Sum), (round.Who, round.Weights, round.Step)));
    }

    [Theory]
    [InlineData("two-tower", "met")]
    [InlineData("mf", "item_factors")]
    [InlineData("ncf", "")]
    public void Recipe_OfTheFirstRound_SendsStatisticsOrDirectionsAndNeverBoth(string name, string block)
    {
        var learner = Create(name, new() { ["dims"] = "4" });
        var update = learner.Recipe(learner.PhaseOf(learner.Initialize(1))).Update;

        Assert.Equal(block.Length > 0 ? block : update.Blocks[0].Name, update.Blocks[0].Name);
        Assert.NotEqual(update.Has(BlockRole.Delta), update.Has(BlockRole.Count) || update.Has(BlockRole.Statistic));
    }

    [Fact]
    public void Recipe_OfClusters_HasSketchesWhileTheyFormAndTheirModelsOnlyOnceTheyTrain()
    {
        var inner = Create("mf", new() { ["dims"] = "4", ["objective"] = "bpr" });
        var learner = Personalizations.Around(inner, new PersonalizationOptions { Method = PersonalizationMethod.Clusters, Clusters = 2, ClusterWarmUp = 12 }, rounds: 20);

        var blocks = new[] { 0, 11, 12 }.Select(done => learner.Recipe(new LearningPhase("", done)).Update.Blocks.Select(block => block.Name)).ToArray();

        Assert.Equal(["item_factors", "cluster_sketches", "cluster_weights"], blocks[0]);
        Assert.Equal(["item_factors"], blocks[1]);
        Assert.Equal(["item_factors", "cluster_1.item_factors", "cluster_2.item_factors", "cluster_weights"], blocks[2]);
    }

    [Theory]
    [InlineData("ease", 3)]
    [InlineData("two-tower", 2)]
    public void ToVersion_OfAnyPhase_IsReadBackAsThatPhase(string name, int rounds)
    {
        var learner = Create(name, name == "ease" ? [] : new() { ["dims"] = "2", ["hidden-units"] = "2" });
        var phases = new List<LearningPhase> { learner.PhaseOf(learner.Initialize(1)) };
        for (var round = 1; round <= rounds; round++)
        {
            var version = new InProcessFederation(learner, _ => new SgdOptimizer(), ClientWeighting.Parse("uniform", 0)).Train([.. ClusterToy.Clients.Clients], round, seed: 1);
            phases.Add(learner.PhaseOf(version.Span));
        }

        Assert.Equal(name == "ease" ? ["counts/0", "votes/1", "counts/2", "votes/3"] : ["statistics/0", "training/0", "training/0"], phases.Select(phase => phase.ToString()));
        Assert.Equal(phases, phases.Select(phase => LearningPhase.Parse(phase.ToString())));
    }

    [Theory]
    [InlineData("ease", "", StepRule.Sum)]
    [InlineData("mf", "", StepRule.Optimizer)]
    [InlineData("mf", "bpr", StepRule.Optimizer)]
    [InlineData("mf", "scaffold", StepRule.Mean)]
    [InlineData("ncf", "", StepRule.Optimizer)]
    [InlineData("two-tower", "", StepRule.Optimizer)]
    public void Step_OfTheMainPhase_IsKnownBeforeThereIsAFederation(string name, string objective, StepRule expected)
    {
        Dictionary<string, string> options = objective switch { "" => [], "scaffold" => new() { ["objective"] = "bpr", ["scaffold"] = "on" }, _ => new() { ["objective"] = objective } };
        var learner = Create(name, options);

        Assert.Equal(expected, LearnerRegistry.Find(name).Recommended(options).Step);
        Assert.Equal(expected, learner.Recipe(name == "ease" ? learner.PhaseOf(learner.Initialize(1)) : LearningPhase.Training).Step);
    }

    [Theory]
    [InlineData("ease", true)]
    [InlineData("two-tower", true)]
    [InlineData("mf", false)]
    public void Step_OfASum_IsTheSameUnderAnyOptimizer(string name, bool isSum)
    {
        var learner = Create(name, name == "two-tower" ? new() { ["dims"] = "2", ["hidden-units"] = "2" } : []);

        var (plain, adam) = (First(learner, new SgdOptimizer()), First(learner, new AdamOptimizer(0.5, 0.9, 0.99, 1e-8)));

        Assert.Equal(isSum, learner.Recipe(learner.PhaseOf(learner.Initialize(1))).Step == StepRule.Sum);
        Assert.Equal(isSum, plain.Span.SequenceEqual(adam.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("votes")]
    [InlineData("/3")]
    [InlineData("votes/three")]
    public void Parse_OfNoPhase_SaysWhatOneIs(string text) =>
        Assert.Contains("a name, a slash and a number", Assert.Throws<InvalidDataException>(() => LearningPhase.Parse(text)).Message, StringComparison.Ordinal);

    private static ReadOnlyMemory<float> First(ILearner learner, IServerOptimizer optimizer) =>
        new InProcessFederation(learner, _ => optimizer, ClientWeighting.Parse("uniform", 0)).Train([.. ClusterToy.Clients.Clients], 1, seed: 1);

    private static ILearner Create(string name, Dictionary<string, string> options) => LearnerRegistry.Create(name, options, FederationShape.Of(ClusterToy.Data, 30));
}
