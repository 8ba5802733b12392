using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Core.Privacy.Accounting;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Privacy;

/// <summary>A clip norm that adapts finds its quantile, and what a client sends tells no more than the stated multiplier says, wherever the norm stands.</summary>
public sealed class AdaptiveClippingTests
{
    private static readonly Dataset s_data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 80, SyntheticItems = 60 });
    private static readonly ClientData[] s_clients = [.. Enumerable.Range(0, 80).Select(ClientPartition.PerUser(s_data).Client)];
    private static readonly SecretKey s_key = new([.. Enumerable.Range(0, SecretKey.Length).Select(i => (byte)i)]);

    // Clients whose updates are as long as they have items; from far below and from far above.
    [Theory]
    [InlineData(0.5, 0.01)]
    [InlineData(0.5, 1e4)]
    [InlineData(0.8, 1)]
    [InlineData(0.1, 10)]
    public void Norm_OfUpdatesOfKnownLengths_GoesToTheirQuantile_WithoutNoise(double quantile, double initial)
    {
        var norm = Train(new KnownLengths(), quantile, initial, rounds: 150, privacy: null)[^1];

        Assert.InRange(quantile, ShareWithin(norm * 0.9), ShareWithin(norm * 1.1)); // a tenth is half a round's way
    }

    // With the noise of a private run it stays there, give or take what the noise moves it in a round.
    [Fact]
    public void Norm_WithNoise_GoesToTheQuantileToo()
    {
        var norm = Train(new KnownLengths(), quantile: 0.5, initial: 1, rounds: 100, privacy: 1)[^1];

        Assert.InRange(0.5, ShareWithin(norm * 0.8), ShareWithin(norm * 1.25));
    }

    // Reference: the mean of updates that are shortened to the norm, one by one, in double precision.
    [Fact]
    public void Step_OfARound_IsTheMeanOfUpdatesShortenedToTheNorm()
    {
        const double Norm = 12;

        var stepped = Train(new KnownLengths(), 0.5, Norm, rounds: 1, privacy: null);

        var expected = s_clients.Average(client => Math.Min(client.InteractionCount, Norm) / Math.Sqrt(2));
        var within = s_clients.Average(client => client.InteractionCount <= Norm ? 1.0 : 0);
        Assert.All(stepped[..2], value => Assert.Equal(expected, value, expected * 1e-6));
        Assert.Equal(Norm * Math.Exp(-0.2 * (within - 0.5)), stepped[2], 1e-5);
    }

    // Theorem 1 of the paper: with these two, what both sums tell is what one with z tells.
    [Theory]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(7.5)]
    public void Noise_OfAReleasedSum_IsSplitBetweenUpdatesAndCount(double noise)
    {
        const int Rounds = 4_000;
        var count = noise * AdaptiveClipping.CountNoise;
        var privacy = new CentralPrivacy(AdaptiveClipping.JointNorm, noise, s_key, "test/run-1");
        var nothing = new FixedPointSum(2, SumScale.For(100));

        var released = Enumerable.Range(1, Rounds).Select(round => privacy.Release(nothing, 50, round).Values.ToArray().Select(value => nothing.Scale.Decode(value)).ToArray()).ToArray();

        AssertDeviation(NoiseSplit.OfUpdates(noise, count), released.Select(sum => sum[0] / AdaptiveClipping.UpdateLength)); // in clip norms
        AssertDeviation(count, released.Select(sum => sum[1] / (2 * AdaptiveClipping.IndicatorLength))); // in clients
        Assert.Equal(1 / (noise * noise), Math.Pow(NoiseSplit.OfUpdates(noise, count), -2) + Math.Pow(2 * count, -2), 1e-9 / (noise * noise));

        static void AssertDeviation(double expected, IEnumerable<double> values) =>
            Assert.InRange(Math.Sqrt(values.Average(value => value * value)) / expected, 1 - (5 / Math.Sqrt(2 * Rounds)), 1 + (5 / Math.Sqrt(2 * Rounds)));
    }

    // Sensitivity of both sums together: what noise of one multiplier hides, at every norm and of every client.
    [Theory]
    [InlineData(AdaptiveClipping.LeastNorm)]
    [InlineData(0.01)]
    [InlineData(0.2)]
    [InlineData(AdaptiveClipping.MostNorm)]
    public void Send_OfAnyClientAtAnyNorm_IsNoLongerThanTheNoiseHides(double norm)
    {
        var (learner, way) = Mf(norm);
        var algorithm = new FederatedAlgorithm(learner, new FederatedOptions(way, ClientWeighting.Parse("uniform", 0), _ => new SgdOptimizer(1), Seed: 1) { Privacy = Privacy(1) }, 80, [.. Enumerable.Repeat(10, 80)]);
        var (state, recipe) = (algorithm.Init(), learner.Recipe(LearningPhase.Training));
        using var worker = learner.CreateWorker();

        var sent = s_clients.Select((data, client) =>
        {
            var values = new UpdateBuffer();
            var (update, outcome, _) = algorithm.Send(recipe, 1, client, worker.Train(learner.Prepare(state.Parameters, state.Phase), algorithm.TaskOf(1, client, data), values), values);
            var own = algorithm.Empty(recipe);
            Assert.True(own.TryAdd(client, update) && algorithm.IsOfOne(recipe, client, own));
            Assert.Equal(UpdateOutcome.Unchanged, outcome); // clipped by the worker alone
            return (Length: NormClipping.Length(update.Values, recipe.Update), Indicator: own.Totals.Scale.Decode(own.Totals.Values[^1]));
        }).ToArray();

        Assert.All(sent, one => Assert.True(one.Length <= AdaptiveClipping.JointNorm));
        Assert.All(sent, one => Assert.Equal(AdaptiveClipping.IndicatorLength, Math.Abs(one.Indicator), 1e-6));
        if (norm is AdaptiveClipping.LeastNorm or AdaptiveClipping.MostNorm)
        {
            Assert.All(sent, one => Assert.Equal(norm < 1, one.Indicator < 0)); // all were longer, or none
        }

        if (norm == AdaptiveClipping.LeastNorm)
        {
            Assert.All(sent, one => Assert.InRange(one.Length, 0.99999, 1)); // and have all that may be sent
        }
    }

    // Longer than what is hidden, in either of its parts.
    [Fact]
    public void Sum_OfAClientThatSendsMoreOfEither_IsNotOfOne()
    {
        var privacy = Privacy(1).Value;
        FixedPointSum Of(double update, double indicator)
        {
            var (values, sum) = (new UpdateBuffer(), new FixedPointSum(2, SumScale.For(100)));
            ((Span<float>)[(float)update, (float)indicator]).CopyTo(values.Segment(0, 2));
            Assert.True(sum.TryAdd(values, 1, 0, 1));
            return sum;
        }

        var (most, own) = (AdaptiveClipping.UpdateLength * 0.99999, AdaptiveClipping.IndicatorLength);
        Assert.True(privacy.Hides(Of(most, own)) && privacy.Hides(Of(-most, -own)));
        Assert.False(privacy.Hides(Of(most * 1.01, own)) || privacy.Hides(Of(most, own * 1.1)));
    }

    [Theory]
    [InlineData("mf", "objective=least-squares")]
    [InlineData("mf", "objective=logistic,scaffold=on")]
    [InlineData("pca", "")]
    [InlineData("ease", "")]
    public void Learner_WhoseUpdatesHaveNoNormToFollow_IsRefused(string name, string options)
    {
        var inner = LearnerRegistry.Create(name, options.Split(',', StringSplitOptions.RemoveEmptyEntries).ToDictionary(option => option.Split('=')[0], option => option.Split('=')[1]), new FederationShape(60));

        Assert.StartsWith("clip-quantile is 0.5, but", Assert.Throws<ArgumentException>(() => new AdaptivelyClippedLearner(inner, new AdaptiveClipping(0.5, 1))).Message, StringComparison.Ordinal);
    }

    // The norm is a parameter like any other, but none that the optimizer steps: with momentum or without, it moves by the count alone.
    [Fact]
    public void Norm_UnderAnotherOptimizer_IsTheSame() => Assert.Equal(
        Train(new KnownLengths(), 0.5, 1, rounds: 5, privacy: null)[^1],
        Train(new KnownLengths(), 0.5, 1, rounds: 5, privacy: null, new AdamOptimizer(0.1))[^1]);

    [Fact]
    public void Version_ScoresAsItsModelDoes_AndARunThatBeginsWithItGoesOnWithItsNorm()
    {
        var (learner, _) = Mf(0.2);
        var inner = AdaptivelyClippedLearner.Unwrapped(learner);
        ReadOnlyMemory<float> version = Train(inner, 0.5, 0.2, rounds: 3, privacy: 0.1);
        using var worker = learner.CreateWorker();
        using var own = inner.CreateWorker();
        var (scores, expected) = (new float[60], new float[60]);

        worker.Score(learner.Prepare(version), new UserHistory([1, 2, 3]), scores);
        own.Score(inner.Prepare(version[..^1]), new UserHistory([1, 2, 3]), expected);

        Assert.Equal(expected, scores);
        Assert.NotEqual(0.2f, version.Span[^1]);
        Assert.Equal(version.Span[^1], learner.BeginWith(version).Span[^1]);
    }

    private static double ShareWithin(double norm) => s_clients.Average(client => client.InteractionCount <= norm ? 1.0 : 0);

    private static float[] Train(ILearner inner, double quantile, double initial, int rounds, double? privacy, IServerOptimizer? optimizer = null) =>
        [.. new InProcessFederation(new AdaptivelyClippedLearner(inner, new AdaptiveClipping(quantile, initial)), _ => optimizer ?? new SgdOptimizer(1), ClientWeighting.Parse("uniform", 0))
        {
            Steps = new UpdatePipeline(new NormClipping(AdaptiveClipping.JointNorm)),
            Privacy = privacy is { } noise ? Privacy(noise) : null,
        }.Train(s_clients, rounds, seed: 1).Span];

    private static Lazy<CentralPrivacy> Privacy(double noise) => new(() => new CentralPrivacy(AdaptiveClipping.JointNorm, noise, s_key, "test/run-1"));

    private static (ILearner Learner, UpdateWay Way) Mf(double norm)
    {
        var learner = new AdaptivelyClippedLearner(
            LearnerRegistry.Create("mf", new Dictionary<string, string> { ["objective"] = "bpr", ["dims"] = "8" }, new FederationShape(60)), new AdaptiveClipping(0.5, norm));
        return (learner, UpdateWay.For(learner, FederationParts.BuiltIn(), new UpdateSettings(AdaptiveClipping.JointNorm), 80));
    }

    // Its clients send a vector as long as they have items, whatever the model is.
    private sealed class KnownLengths : ILearner, ILearnerWorker
    {
        private static readonly RoundRecipe s_recipe = new(new UpdateLayout(new UpdateBlock("values", 1, 2, BlockRole.Delta)));

        public string Name => "known-lengths";

        public ParameterLayout Parameters { get; } = new(new ParameterBlock("values", 1, 2));

        public RoundRecipe Recipe(LearningPhase phase) => s_recipe;

        public float[] Initialize(ulong seed) => new float[2];

        public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => new(parameters, phase);

        public ILearnerWorker CreateWorker() => this;

        public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
        {
            aggregate.Mean(delta);
            return new StepProposal(state.Phase);
        }

        public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
        {
            output.Segment(0, 2).Fill((float)(task.Data.InteractionCount / Math.Sqrt(2)));
            return new LocalResult(0.5, task.Data.InteractionCount);
        }

        public void Score(PreparedModel model, UserHistory history, Span<float> scores) => scores.Clear();

        public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) => parts.Clear();

        public void Dispose()
        {
        }
    }
}
