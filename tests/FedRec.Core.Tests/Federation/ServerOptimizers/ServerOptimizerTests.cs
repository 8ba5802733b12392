using CsCheck;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Native;

namespace FedRec.Core.Tests.Federation.ServerOptimizers;

public sealed class ServerOptimizerTests
{
    [Fact]
    public void Sgd_LearningRateOne_IsFederatedAveraging() =>
        Gen.Float[-10, 10].Array[1, 40].Sample(delta =>
        {
            var parameters = delta.Select(x => x * 3).ToArray();

            var next = new SgdOptimizer().Apply(ServerState.Initial(parameters), delta);

            Assert.Equal(parameters.Zip(delta, (p, d) => p + d), next.Parameters.ToArray());
            Assert.Equal(1, next.Step);
            Assert.Empty(next.Moments);
        });

    [Fact]
    public void Sgd_Momentum_FollowsTheVectorsByHand()
    {
        var optimizer = new SgdOptimizer(learningRate: 0.5, momentum: 0.5);
        var state = ServerState.Initial(new float[] { 1, 2 });

        var first = optimizer.Apply(state, [4, 0]); // b = (4, 0), x = (1 + 2, 2)
        var second = optimizer.Apply(first, [2, -4]); // b = (2 + 2, -4), x = (3 + 2, 2 - 2)

        Assert.Equal([3f, 2f], first.Parameters.ToArray());
        Assert.Equal([5f, 0f], second.Parameters.ToArray());
        Assert.Equal([4f, -4f], second.Moments[SgdOptimizer.Velocity].ToArray());
        Assert.Equal([1f, 2f], state.Parameters.ToArray());
    }

    [Fact]
    public void Adam_TwoSteps_FollowTheVectorsByHand()
    {
        var optimizer = new AdamOptimizer(learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 1e-8);

        // Step 1: m = 1, v = 1, m^ = 2, v^ = 4, so x = 1 + 0.1 · 2 / 2.
        var first = optimizer.Apply(ServerState.Initial(new float[] { 1 }), [2]);
        // Step 2: m = 0.5 - 0.5 = 0, v = 0.75 + 0.25 = 1, so x stays.
        var second = optimizer.Apply(first, [-1]);
        // Step 3: m = 2, v = 0.75 + 4 = 4.75, m^ = 2 / 0.875, v^ = 4.75 / 0.578125.
        var third = optimizer.Apply(second, [4]);

        Assert.Equal(1.1f, first.Parameters.Span[0], 1e-6f);
        Assert.Equal([1f], first.Moments[AdamOptimizer.FirstMoment].ToArray());
        Assert.Equal([1f], first.Moments[AdamOptimizer.SecondMoment].ToArray());
        Assert.Equal(1.1f, second.Parameters.Span[0], 1e-6f);
        Assert.Equal(1.1 + (0.1 * (2 / 0.875) / Math.Sqrt(4.75 / 0.578125)), third.Parameters.Span[0], 1e-6);
        Assert.Equal(3, third.Step);
    }

    [Fact]
    public void Adam_FirstStep_IgnoresTheScaleOfTheDelta() =>
        Gen.Float[1e-3f, 1e3f].Sample(scale =>
        {
            var next = new AdamOptimizer(0.1).Apply(ServerState.Initial(new float[2]), [scale, -3 * scale]);

            Assert.Equal(0.1f, next.Parameters.Span[0], 1e-5f);
            Assert.Equal(-0.1f, next.Parameters.Span[1], 1e-5f);
        });

    [Theory]
    [InlineData("sgd")]
    [InlineData("adagrad")]
    [InlineData("adam")]
    [InlineData("yogi")]
    public void Apply_DeltaOfAnotherLength_SaysBothLengths(string name)
    {
        var optimizer = new ServerOptimizerOptions { Name = name }.Create();

        var error = Assert.Throws<ArgumentException>(() => optimizer.Apply(ServerState.Initial(new float[3]), new float[2]));

        Assert.Contains("2 values does not fit 3 parameters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_MomentOfAnotherLength_NamesTheMoment()
    {
        var state = ServerState.Initial(new float[3]);
        state = state with { Moments = state.Moments.Add(AdamOptimizer.FirstMoment, new float[2]) };

        var error = Assert.Throws<ArgumentException>(() => new AdamOptimizer().Apply(state, new float[3]));

        Assert.Contains("first_moment has 2 values", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sgd", 0, 0.9, "learningRate")]
    [InlineData("sgd", double.NaN, 0.9, "learningRate")]
    [InlineData("adam", double.PositiveInfinity, 0.9, "learningRate")]
    [InlineData("adam", 1, 1.0, "beta1")]
    [InlineData("adagrad", 0, 0.9, "learningRate")]
    [InlineData("yogi", 1, -0.1, "beta1")]
    [InlineData("nadam", 1, 0.9, "no server optimizer 'nadam'")]
    public void Create_ImpossibleSettings_NamesTheSetting(string name, double learningRate, double beta1, string expected)
    {
        var options = new ServerOptimizerOptions { Name = name, LearningRate = learningRate, Beta1 = beta1 };

        var error = Assert.Throws<ArgumentException>(options.Create);

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Every optimizer steps each parameter by itself: how many others there are makes no difference, nor does memory that was used before.</summary>
    [Fact]
    public void Apply_ManyParameters_StepsEachAsIfItWereAlone()
    {
        IServerOptimizer[] optimizers = [new SgdOptimizer(0.5, 0.9), new AdagradOptimizer(), new AdamOptimizer(), new AdamOptimizer(biasCorrection: false), new YogiOptimizer()];
        Gen.Select(Gen.Int[0, optimizers.Length - 1], Gen.Int[1, 5_000], Gen.Int[0, 1_000]).Sample(
            (which, length, seed) =>
            {
                var optimizer = optimizers[which];
                var random = new Random(seed);
                float[] Draw() => [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
                var (state, deltas) = (ServerState.Initial(Draw()), new[] { Draw(), Draw() });
                ModelMemory.Return(Draw());

                var after = deltas.Aggregate(state, (before, delta) => optimizer.Apply(before, delta));

                foreach (var one in new[] { 0, length / 2, length - 1 })
                {
                    var alone = deltas.Aggregate(ServerState.Initial(state.Parameters.Slice(one, 1)), (before, delta) => optimizer.Apply(before, [delta[one]]));
                    Assert.Equal(alone.Parameters.Span[0], after.Parameters.Span[one]);
                    Assert.All(alone.Moments, moment => Assert.Equal(moment.Value.Span[0], after.Moments[moment.Key].Span[one]));
                }
            },
            iter: 200);
    }
}
