using CsCheck;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Learners.MatrixFactorizations;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Federation;

public sealed class ClientWeightingTests
{
    private static readonly Gen<LocalResult> s_result = Gen.Select(Gen.Double[-1, 1e4], Gen.Int[0, 10_000_000], (loss, examples) => new LocalResult(loss, examples));

    public static TheoryData<string> Names => [.. ClientWeighting.Names];

    // What a client with 40 examples and a loss of 0.5 weighs beside one with 10 examples and a loss of 2.
    [Theory]
    [InlineData("examples", 0, 4)]
    [InlineData("examples", 25, 2.5)]
    [InlineData("capped", 20, 2)]
    [InlineData("uniform", 0, 1)]
    [InlineData("uniform", 0.5, 1)]
    [InlineData("inverse", 0, 0.25)]
    [InlineData("inverse", 0.05, 0.5)]
    [InlineData("loss", 0, 0.25)]
    [InlineData("loss", 1, 0.5)]
    public void WeightOf_TwoClients_HaveTheRatioByHand(string name, double cap, double expected)
    {
        var weighting = ClientWeighting.Parse(name, cap);

        Assert.Equal(expected, weighting.WeightOf(new LocalResult(0.5, 40)) / weighting.WeightOf(new LocalResult(2, 10)), 12);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void WeightOf_AnyClient_CanBeSummedForThousandsOfUsers(string name) => s_result.Sample(result =>
        Assert.InRange(Parse(name).WeightOf(result) * (name == "inverse" && result.Examples < 256 ? 256 : 4_096), 1e-4, FixedPoint.Limit));

    [Fact]
    public void WeightOf_ByExamples_KeepsTheirRatioHoweverLargeTheClients() => Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 1_000_000], Gen.Int[1, 16]).Sample((one, other, perInteraction) =>
    {
        var weighting = ClientWeighting.Parse("examples", 0).For([one, other]);

        Assert.InRange(weighting.WeightOf(new(1, one * perInteraction)), 1e-6, 4);
        Assert.Equal((double)one / other, weighting.WeightOf(new(1, one * perInteraction)) / weighting.WeightOf(new(1, other * perInteraction)), 1e-9 * one / other);
    });

    [Fact]
    public void For_SizesUnderTheSamePowerOfTwo_GiveTheSameWeights()
    {
        var weighting = ClientWeighting.Parse("examples", 0);

        Assert.Equal(weighting, weighting.For([10, 1_000]));
        Assert.Equal(weighting.For([70_000]), weighting.For([5, 100_000]));
        Assert.NotEqual(weighting.For([60_000]), weighting.For([100_000]));
    }

    [Fact]
    public void WeightOf_ByLoss_IsBoundedWhateverTheLoss() => Gen.Select(s_result, s_result).Sample((one, other) =>
        Assert.InRange(Parse("loss").WeightOf(one) / Parse("loss").WeightOf(other), 1.0 / 64, 64));

    [Fact]
    public void WeightOf_MoreExamples_NeverTakesFromExamplesNorAddsToInverse() => Gen.Select(Gen.Int[0, 2_000_000], Gen.Int[0, 1_000]).Sample((few, more) =>
    {
        Assert.True(Parse("examples").WeightOf(new(1, few + more)) >= Parse("examples").WeightOf(new(1, few)));
        Assert.True(Parse("inverse").WeightOf(new(1, few + more)) <= Parse("inverse").WeightOf(new(1, few)));
    });

    [Fact]
    public void WeightOf_LossThatIsNoNumber_IsRefusedByTheSum()
    {
        var result = new LocalResult(double.NaN, 5);

        Assert.False(new FixedPointSum(1).TryAdd(new UpdateBuffer(), Parse("loss").WeightOf(result), result.Loss, result.Examples));
    }

    [Theory]
    [InlineData("examples", 40.0 / 70)]
    [InlineData("capped", 0.4)]
    [InlineData("uniform", 1.0 / 3)]
    [InlineData("inverse", 0.1 / (0.1 + 0.05 + 0.025))]
    [InlineData("loss", 2 / 3.5)]
    public void LargestShare_OfThreeClients_IsTheShareByHand(string name, double expected)
    {
        var sum = new FixedPointSum(1);
        foreach (var result in new LocalResult[] { new(0.5, 40), new(1, 20), new(2, 10) })
        {
            Assert.True(sum.TryAdd(new UpdateBuffer(), Parse(name).WeightOf(result), result.Loss, result.Examples));
        }

        Assert.Equal(expected, sum.LargestShare, 8);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void LargestShare_OfOneClient_IsAll(string name)
    {
        var sum = new FixedPointSum(1);
        Assert.Equal(0, sum.LargestShare);

        Assert.True(sum.TryAdd(new UpdateBuffer(), Parse(name).WeightOf(new(0.3, 7)), 0.3, 7));

        Assert.InRange(sum.LargestShare, 1 - 1e-9, 1);
    }

    // Least squares sums statistics of users; the server divides by the weighted number of users, so every weighting is a weighted mean.
    [Theory]
    [MemberData(nameof(Names))]
    public void Aggregate_LeastSquares_IsTheWeightedMeanOfTheClientsGradients(string name)
    {
        var learner = new MatrixFactorization(Toy.Options(MatrixFactorizationObjective.LeastSquares), Toy.Items);
        var parameters = learner.Initialize(1);
        ClientData[] clients = [Toy.Client(0), Toy.Client(11), Toy.Client(5, 6, 7)];
        var (total, expected, weights) = (new FixedPointSum(learner.Recipe(LearningPhase.Training).Update.Length), new double[parameters.Length], 0.0);
        foreach (var client in clients)
        {
            var (alone, result) = Train(learner, parameters, client, weight: _ => 1);
            var weight = Parse(name).WeightOf(result) * client.UserCount;
            weights += weight;
            for (var i = 0; i < expected.Length; i++)
            {
                expected[i] += weight * alone[i];
            }

            Train(learner, parameters, client, Parse(name).WeightOf, total);
        }

        var actual = new float[parameters.Length];
        learner.Conclude(learner.Begin(parameters), total, actual);

        Parity.AssertClose(Array.ConvertAll(expected, x => x / weights), actual);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TryAdd_LeastSquaresOfAClientWithThousandsOfUsers_IsAccepted(string name)
    {
        const int users = 4_000;
        var items = Enumerable.Range(0, users).SelectMany(_ => new[] { 1, 3, 4, 6, 7, 8 }).ToArray();
        var train = new UserItems([.. Enumerable.Range(0, users + 1).Select(u => 6 * u)], items);
        var learner = new MatrixFactorization(new MatrixFactorizationOptions { Dims = 4 }, 10);

        Train(learner, learner.Initialize(1), new ClientData(train, Enumerable.Range(0, users).ToArray(), 10), Parse(name).WeightOf);
    }

    [Theory]
    [InlineData("median", 0, "use examples, capped, uniform, inverse, loss")]
    [InlineData("examples", -1, "0 (no cap) or more")]
    [InlineData("loss", double.NaN, "0 (no cap) or more")]
    [InlineData("capped", 0, "needs a weight cap")]
    public void Parse_WhatIsNotAllowed_SaysWhatIs(string name, double cap, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => ClientWeighting.Parse(name, cap)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("examples", 1e-11, "weight-cap is 1E-11; with weighting examples it must be 0 (no cap) or 1 to 1000000000 (examples)")]
    [InlineData("capped", 0.5, "1 to 1000000000 (examples)")]
    [InlineData("inverse", 1e-7, "9.5367431640625E-07 to 1000000000 (1 / examples)")]
    [InlineData("loss", 0.1, "0.125 to 1000000000 (loss)")]
    [InlineData("loss", double.PositiveInfinity, "0 (no cap) or 0.125")]
    [InlineData("uniform", 0.5, "weighting uniform has none")]
    public void ThrowIfUseless_CapThatSaysNothing_SaysWhatIsAllowed(string name, double cap, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => ClientWeighting.ThrowIfUseless(name, cap)).Message, StringComparison.Ordinal);

    [Fact]
    public void WeightOf_AnyCapThatIsAllowed_IsNotRoundedToNothingInTheSum() => Gen.Select(Gen.Int[0, 3].Select(i => new[] { "examples", "capped", "inverse", "loss" }[i]), Gen.Double[-12, 9], s_result, Gen.Int[1, 20_000_000]).Sample((name, power, result, size) =>
    {
        try
        {
            ClientWeighting.ThrowIfUseless(name, Math.Pow(10, power));
            var weight = ClientWeighting.Parse(name, Math.Pow(10, power)).For([size]).WeightOf(result);
            Assert.InRange(FixedPoint.Encode(weight), 1 << 9, long.MaxValue); // so that a ratio of weights is right to a thousandth
        }
        catch (ArgumentException refused)
        {
            Assert.Contains("below that all clients count alike", refused.Message, StringComparison.Ordinal);
        }
    });

    private static ClientWeighting Parse(string name) => ClientWeighting.Parse(name, name == "capped" ? 20 : 0);

    /// <summary>Trains one client, adds it to the total, and gives the direction it would take alone.</summary>
    private static (float[] Direction, LocalResult Result) Train(
        MatrixFactorization learner, float[] parameters, ClientData client, Func<LocalResult, double> weight, FixedPointSum? total = null)
    {
        using var worker = learner.CreateWorker();
        var (buffer, sum, direction) = (new UpdateBuffer(), new FixedPointSum(learner.Recipe(LearningPhase.Training).Update.Length), new float[parameters.Length]);
        var result = worker.Train(learner.Prepare(parameters), new(client, SeedSequence.For(1, 1, 1)), buffer);
        Assert.True(sum.TryAdd(buffer, weight(result), result.Loss, result.Examples));
        total?.Add(sum);
        learner.Conclude(learner.Begin(parameters), sum, direction);
        return (direction, result);
    }
}
