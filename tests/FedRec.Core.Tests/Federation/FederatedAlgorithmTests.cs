using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Tests.Learners.MatrixFactorizations;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Federation;

/// <summary>What both drivers leave to the algorithm, and so cannot hold against each other.</summary>
public sealed class FederatedAlgorithmTests
{
    private const int Clients = 4;
    private static readonly UpdateLayout s_layout = new(new UpdateBlock("values", 1, 2, BlockRole.Delta));

    [Theory]
    [InlineData(WeightRule.One, 1)]
    [InlineData(WeightRule.AsWeighted, 4.0 / 16_384 * 8)] // 8 examples, in the unit of clients as small as these
    public void Send_AnUpdate_WeighsWhatTheRoundSays(WeightRule rule, double expected)
    {
        var (update, outcome, _) = Algorithm("examples").Send(new RoundRecipe(s_layout, Weights: rule), 1, 0, new LocalResult(0.5, 8), new UpdateBuffer());

        Assert.Equal((expected, 0.5, 8, UpdateOutcome.Unchanged), (update.Weight, update.Loss, update.Examples, outcome));
    }

    [Fact]
    public void Send_WithALimitOnShares_WeighsTheSizeThatIsKnownAndNotTheOneThatIsClaimed()
    {
        var limited = Algorithm("examples", maxShare: 0.5);

        double Weight(int client, int claimed) => limited.Send(new RoundRecipe(s_layout), 1, client, new LocalResult(0, claimed), new UpdateBuffer()).Update.Weight;

        Assert.Equal(Weight(0, claimed: 1), Weight(0, claimed: 1_000_000));
        Assert.True(Weight(3, claimed: 1) > Weight(0, claimed: 1_000_000)); // 8 interactions, and 1
    }

    [Fact]
    public void Send_TheSameUpdate_TakesTheStepsWithTheDrawsOfItsClientAndRound()
    {
        var algorithm = Algorithm("uniform", steps: new UpdatePipeline(new NormClipping(1), new Dither()));

        float Sent(int round, int client)
        {
            var values = new UpdateBuffer();
            values.Segment(0, 1)[0] = 5;
            Assert.Equal(UpdateOutcome.Clipped | UpdateOutcome.Changed, algorithm.Send(new RoundRecipe(s_layout), round, client, new LocalResult(0, 1), values).Outcome);
            return values.Values[0];
        }

        Assert.Equal(Sent(1, 0), Sent(1, 0));
        Assert.NotEqual(Sent(1, 0), Sent(2, 0));
        Assert.NotEqual(Sent(1, 0), Sent(1, 1));
        Assert.InRange(Sent(1, 0), 1, 2); // clipped to 1 first, then moved
    }

    [Fact]
    public void Plan_OfARoundThatNeedsEverybody_AsksEverybody()
    {
        var algorithm = new FederatedAlgorithm(new Fixed(Participation.Everybody), Options("uniform") with { Cohort = new CohortOptions(2, 1, 1) }, Clients, [1, 2, 4, 8]);

        var plan = algorithm.Plan(algorithm.Init(), 1);

        Assert.Equal([0, 1, 2, 3], plan.Cohort.AsEnumerable());
        Assert.Equal((4, 4, 4), (plan.ReportGoal, plan.Quorum, plan.Scale.Clients));
    }

    [Fact]
    public void Plan_OfACohort_IsDrawnAsAskedFor()
    {
        var algorithm = new FederatedAlgorithm(new Fixed(Participation.Cohort), Options("uniform") with { Cohort = new CohortOptions(3, 2, 0.5) }, Clients, [1, 2, 4, 8]);

        var plans = Enumerable.Range(1, 20).Select(round => algorithm.Plan(algorithm.Init(), round, baseVersion: round - 1)).ToArray();

        Assert.All(plans, plan => Assert.Equal((3, 2, 1, 3, plan.Number - 1L), (plan.Cohort.Length, plan.ReportGoal, plan.Quorum, plan.Scale.Clients, plan.BaseVersion)));
        Assert.True(plans.Select(plan => string.Join(' ', plan.Cohort)).Distinct().Count() > 1);
    }

    [Fact]
    public void Init_FromAVersion_BeginsWithoutWhatAnotherRunsClientsKeep()
    {
        var learner = new MatrixFactorization(
            Toy.Options(MatrixFactorizationObjective.Logistic, 4) with { LocalSgd = new LocalSgdOptions { Scaffold = true } }, new FederationShape(Toy.Items, Clients));
        var algorithm = new FederatedAlgorithm(learner, Options("uniform"), Clients, [1, 2, 4, 8]);
        var version = Enumerable.Repeat(0.5f, learner.Parameters.Length).ToArray();

        var state = algorithm.Init(version);

        Assert.Equal(version.AsSpan(0, learner.Parameters.Offset(1)), state.Parameters.Span[..learner.Parameters.Offset(1)]);
        Assert.All(state.Parameters[learner.Parameters.Offset(1)..].ToArray(), control => Assert.Equal(0, control));
    }

    private static FederatedAlgorithm Algorithm(string weighting, double maxShare = 0, UpdatePipeline? steps = null) =>
        new(new Fixed(Participation.Cohort), Options(weighting, steps) with { MaxShare = maxShare }, Clients, [1, 2, 4, 8]);

    private static FederatedOptions Options(string weighting, UpdatePipeline? steps = null) =>
        new(new UpdateWay(steps ?? UpdatePipeline.Empty, MeanAggregator.Instance), ClientWeighting.Parse(weighting, 0), _ => new SgdOptimizer(), Seed: 1);

    /// <summary>Moves each value up by less than 1.</summary>
    private sealed class Dither : IUpdateStep
    {
        public UpdateOutcome Apply(ref ClientUpdate update, UpdateContext context)
        {
            var random = context.Random;
            foreach (ref var value in update.Values.Values)
            {
                value += (float)random.NextDouble();
            }

            return UpdateOutcome.Changed;
        }
    }

    /// <summary>Two values that nobody trains.</summary>
    private sealed class Fixed(Participation who) : ILearner
    {
        public string Name => "fixed";

        public ParameterLayout Parameters { get; } = new(new ParameterBlock("values", 1, 2));

        public RoundRecipe Recipe(LearningPhase phase) => new(s_layout, who);

        public float[] Initialize(ulong seed) => [0, 0];

        public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => new(parameters, phase);

        public ILearnerWorker CreateWorker() => throw new NotSupportedException();

        public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta) => throw new NotSupportedException();
    }
}
