using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

public sealed class ScaffoldTests
{
    private static readonly MatrixFactorizationOptions s_options =
        Toy.Options(MatrixFactorizationObjective.Logistic) with { LearningRate = 0.05, Epochs = 3, LocalSgd = new LocalSgdOptions { Scaffold = true } };

    [Theory]
    [InlineData(MatrixFactorizationObjective.Logistic)]
    [InlineData(MatrixFactorizationObjective.Pairwise)]
    public void Rounds_OneClientThatAlwaysTakesPart_AreFederatedAveraging(MatrixFactorizationObjective objective)
    {
        var options = s_options with { Objective = objective };

        var averaged = Run(options with { LocalSgd = new LocalSgdOptions() }, rounds: 4);
        var scaffold = Run(options, rounds: 4);

        Assert.True(scaffold[averaged.Length..].Max() > 1e-3f); // there are control variates, and they cancel
        Parity.AssertClose(Array.ConvertAll(averaged, x => (double)x), scaffold.AsSpan(0, averaged.Length));
    }

    [Fact]
    public void Aggregate_FewOfTheClients_ChangesTheControlVariatesByTheirShare()
    {
        var learner = new MatrixFactorization(s_options with { Dims = 1 }, new FederationShape(2, Clients: 10));
        var (buffer, sum, delta) = (new UpdateBuffer(), new FixedPointSum(4), new float[4]);
        new[] { 1f, 2, 3, 4 }.CopyTo(buffer.Segment(0, 4));
        Assert.True(sum.TryAdd(buffer, 1, 0, 1) && sum.TryAdd(buffer, 1, 0, 1));

        learner.Conclude(ServerState.Initial(new float[4]), sum, delta);

        Assert.Equal([1f, 2, 0.6f, 0.8f], delta, (a, b) => MathF.Abs(a - b) < 1e-6f); // the mean; and two of ten clients
    }

    [Fact]
    public void Learner_WithAndWithoutScaffold_SaysWhetherClientsKeepSomething()
    {
        Assert.True(new MatrixFactorization(s_options, 5).Recipe(LearningPhase.Training).KeepsState);
        Assert.False(new MatrixFactorization(s_options with { LocalSgd = new LocalSgdOptions { Proximal = 1 } }, 5).Recipe(LearningPhase.Training).KeepsState);
        Assert.Equal(StepRule.Mean, LearnerRegistry.Find("mf").Recommended(new Dictionary<string, string> { ["objective"] = "bpr", ["scaffold"] = "on" }).Step);
    }

    [Theory]
    [InlineData("scaffold", "on")]
    [InlineData("proximal", "0.1")]
    public void Recommended_WithoutLocalSgd_SaysWhichObjectivesHaveIt(string option, string value)
    {
        var error = Assert.Throws<ArgumentException>(() => LearnerRegistry.Find("mf").Recommended(new Dictionary<string, string> { [option] = value }));

        Assert.Contains("which the objective least-squares does not use; use logistic or bpr", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Rounds of one client that holds all users, with plain averaging.</summary>
    private static float[] Run(MatrixFactorizationOptions options, int rounds)
    {
        var learner = new MatrixFactorization(options, Toy.Items);
        var (state, optimizer, client) = (ServerState.Initial(learner.Initialize(1)), new SgdOptimizer(), Toy.Client([.. Enumerable.Range(0, Toy.Users)]));
        using var worker = learner.CreateWorker();
        ReadOnlyMemory<byte> kept = default;
        for (var round = 1; round <= rounds; round++)
        {
            var (buffer, sum, delta) = (new UpdateBuffer(), new FixedPointSum(learner.Recipe(LearningPhase.Training).Update.Length), new float[learner.Parameters.Length]);
            var result = worker.Train(learner.Prepare(state.Parameters), new(client, SeedSequence.For(1, round, 0), kept), buffer);
            kept = result.State;
            Assert.True(sum.TryAdd(buffer, 1, result.Loss, result.Examples));
            learner.Conclude(state, sum, delta);
            state = optimizer.Apply(state, delta);
        }

        return state.Parameters.ToArray();
    }
}
