using CsCheck;
using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Core.Tests.Federation.ServerOptimizers;

/// <summary>Algorithm 2 of Reddi et al. 2021 by hand, with τ = 0.5 so that its part is seen, and what holds for every optimizer.</summary>
public sealed class AdaptiveOptimizerTests
{
    private static readonly Gen<float> s_value = Gen.Float[-10, 10];

    [Fact]
    public void Adagrad_ThreeSteps_FollowTheVectorsByHand() => AssertSteps(
        new AdagradOptimizer(learningRate: 0.5, epsilon: 0.5),
        deltas: [2, -1, 0],
        // v = 0.25 + 4, + 1, + 0; x moves by 0.5 · delta / (sqrt v + 0.5).
        second: [4.25, 5.25, 5.25],
        parameters: [1 + (1 / (Math.Sqrt(4.25) + 0.5)), 1 + (1 / (Math.Sqrt(4.25) + 0.5)) - (0.5 / (Math.Sqrt(5.25) + 0.5)), 1 + (1 / (Math.Sqrt(4.25) + 0.5)) - (0.5 / (Math.Sqrt(5.25) + 0.5))]);

    [Fact]
    public void Yogi_ThreeSteps_FollowTheVectorsByHand()
    {
        // m = 1, 0, 0.25. v: 0.25 < 4, so + 0.25 · 4; 1.25 > 1, so - 0.25 · 1; 1 > 0.25, so - 0.25 · 0.25.
        var one = 1 + (0.5 / (Math.Sqrt(1.25) + 0.5));
        AssertSteps(
            new YogiOptimizer(learningRate: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 0.5),
            deltas: [2, -1, 0.5f],
            second: [1.25, 1, 0.9375],
            parameters: [one, one, one + (0.125 / (Math.Sqrt(0.9375) + 0.5))]);
    }

    [Fact]
    public void Adam_WithoutBiasCorrection_FollowsThePaperByHand()
    {
        // m = 1, 0, 0.25. v = 0.75 · 0.25 + 1, then 0.75 · 1.1875 + 0.25, then 0.75 · 1.140625 + 0.0625.
        var one = 1 + (0.5 / (Math.Sqrt(1.1875) + 0.5));
        AssertSteps(
            new AdamOptimizer(learningRate: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 0.5, biasCorrection: false),
            deltas: [2, -1, 0.5f],
            second: [1.1875, 1.140625, 0.91796875],
            parameters: [one, one, one + (0.125 / (Math.Sqrt(0.91796875) + 0.5))]);
    }

    [Fact]
    public void Yogi_WhenDeltasBecomeSmall_ForgetsMoreSlowlyThanAdam()
    {
        var (adam, yogi) = (Run(new AdamOptimizer(0.1, epsilon: 1e-3)), Run(new YogiOptimizer(0.1, epsilon: 1e-3)));

        Assert.True(yogi > 10 * adam, $"yogi {yogi}, adam {adam}");

        static float Run(IServerOptimizer optimizer)
        {
            var state = ServerState.Initial(new float[1]);
            for (var round = 0; round < 600; round++)
            {
                state = optimizer.Apply(state, [round < 100 ? 1 : 1e-2f]);
            }

            return state.Moments[AdamOptimizer.SecondMoment].Span[0];
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Apply_ZeroDeltaToAFreshState_MovesNothing(string name, double momentum) =>
        s_value.Array[1, 20].Sample(parameters =>
            Assert.Equal(parameters, Create(name, momentum).Apply(ServerState.Initial(parameters), new float[parameters.Length]).Parameters.ToArray()));

    [Theory]
    [MemberData(nameof(All))]
    public void Apply_Twice_ChangesNoArgumentAndGivesEqualResults(string name, double momentum) =>
        s_value.Array[3].Array[3].Sample(deltas =>
        {
            var optimizer = Create(name, momentum);
            var state = optimizer.Apply(ServerState.Initial(deltas[0]), deltas[1]);
            var before = Text(state);

            var (one, other) = (optimizer.Apply(state, deltas[2]), optimizer.Apply(state, deltas[2]));

            Assert.Equal(before, Text(state));
            Assert.Equal(Text(one), Text(other));
        });

    [Theory]
    [MemberData(nameof(All))]
    public void Apply_OneParameterAtATime_IsAsAllAtOnce(string name, double momentum) =>
        s_value.Array[4].Array[3].Sample(deltas =>
        {
            var optimizer = Create(name, momentum);
            var whole = deltas.Aggregate(ServerState.Initial(new float[4]), (state, delta) => optimizer.Apply(state, delta));

            var alone = Enumerable.Range(0, 4).Select(i => deltas.Aggregate(ServerState.Initial(new float[1]), (state, delta) => optimizer.Apply(state, [delta[i]])));

            Assert.All(whole.Parameters.ToArray().Zip(alone), pair => Assert.Equal(pair.Second.Parameters.Span[0], pair.First, 1e-5f));
        });

    [Theory]
    [InlineData("fedavg", typeof(SgdOptimizer))]
    [InlineData("fedavgm", typeof(SgdOptimizer))]
    [InlineData("fedadagrad", typeof(AdagradOptimizer))]
    [InlineData("fedadam", typeof(AdamOptimizer))]
    [InlineData("fedyogi", typeof(YogiOptimizer))]
    public void Create_ByTheNameInTheLiterature_IsTheSameOptimizer(string alias, Type expected)
    {
        Assert.IsType(expected, Create(alias, 0));
        Assert.Contains(alias, ServerOptimizerOptions.Aliases);
        Assert.Contains(ServerOptimizerOptions.NameOf(alias), ServerOptimizerOptions.Names);
    }

    public static TheoryData<string, double> All() => new() { { "sgd", 0 }, { "sgd", 0.9 }, { "adagrad", 0 }, { "adam", 0 }, { "yogi", 0 } };

    private static IServerOptimizer Create(string name, double momentum) => new ServerOptimizerOptions { Name = name, Momentum = momentum }.Create();

    private static void AssertSteps(IServerOptimizer optimizer, float[] deltas, double[] second, double[] parameters)
    {
        var state = ServerState.Initial(new float[] { 1 });
        for (var i = 0; i < deltas.Length; i++)
        {
            state = optimizer.Apply(state, [deltas[i]]);

            Assert.Equal(second[i], state.Moments[AdamOptimizer.SecondMoment].Span[0], 1e-6);
            Assert.Equal(parameters[i], state.Parameters.Span[0], 1e-6);
            Assert.Equal(i + 1, state.Step);
        }
    }

    private static string Text(ServerState state) => string.Join(';',
        state.Moments.Values.Prepend(state.Parameters).Select(vector => string.Join(' ', vector.ToArray())).Append($"{state.Step}"));
}
