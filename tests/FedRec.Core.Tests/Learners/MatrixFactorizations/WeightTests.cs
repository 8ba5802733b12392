using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

/// <summary>An own item that counts w takes part as w such items would.</summary>
public sealed class WeightTests
{
    public static TheoryData<MatrixFactorizationObjective> Objectives =>
        [MatrixFactorizationObjective.LeastSquares, MatrixFactorizationObjective.Logistic, MatrixFactorizationObjective.Pairwise];

    [Fact]
    public void Score_LeastSquaresWithWeights_IsTheNormalEquationByHand()
    {
        var options = new MatrixFactorizationOptions { Dims = 1, Alpha = 0.5, L2User = 0.1 };
        var learner = new MatrixFactorization(options, 3);
        using var worker = learner.CreateWorker();
        var scores = new float[3];

        worker.Score(learner.Prepare(new float[] { 1, 2, 3 }), new UserHistory([0, 1], weights: [2, 0.5f]), scores);

        // A = 2·1² + 0.5·2² + 0.5·(1 + 4 + 9) + 0.1·(2.5 + 0.5·3) = 11.4 and b = 2·1 + 0.5·2 = 3.
        const float user = 3 / 11.4f;
        Assert.Equal([user, 2 * user, 3 * user], scores, (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Solve_LeastSquaresWithWeights_MakesTheGradientOfTheWeightedLossZero()
    {
        var options = Toy.Options(MatrixFactorizationObjective.LeastSquares, dims: 6);
        var model = Model(options);
        int[] own = [1, 4, 7, 20];
        float[] weights = [0.25f, 3, 1, 0.5f];

        var user = new FoldIn(options, Toy.Items).Solve(model, own, weights).ToArray();

        Assert.All(Gradient(options, model, own, weights, user), slope => Assert.Equal(0, slope, 2e-4));
    }

    [Fact]
    public void Train_LeastSquares_AddsTheWeightedGradientOfEachItem()
    {
        var options = Toy.Options(MatrixFactorizationObjective.LeastSquares, dims: 6);
        var (model, data) = (Model(options), Client([2, 5, 9], [4, 1, 0.25f]));
        var user = new FoldIn(options, Toy.Items).Solve(model, data.Items(0), data.Weights(0)).ToArray();

        var rows = Train(options, model, data);

        for (var i = 0; i < 3; i++)
        {
            var factors = model.Items.Span.Slice(data.Items(0)[i] * 6, 6).ToArray();
            var predicted = factors.Zip(user, (v, u) => v * u).Sum();
            var expected = factors.Zip(user, (v, u) => data.Weights(0)[i] * (((predicted - 1) * u) + ((float)options.ItemPenalty * v)));
            Assert.Equal(expected, rows[(6 * i)..(6 * (i + 1))], (a, b) => MathF.Abs(a - b) < 1e-5f);
        }
    }

    [Fact]
    public void Train_LogisticInOneStep_MovesEachItemByItsWeightedSlope()
    {
        var options = Toy.Options(MatrixFactorizationObjective.Logistic, dims: 6) with { BatchSize = 100, Negatives = 100, L2Item = 0, LearningRate = 3 };
        var (model, data) = (Model(options), Client([2, 5, 9], [4, 1, 0.25f]));
        var user = new FoldIn(options, Toy.Items).Solve(model, data.Items(0), data.Weights(0)).ToArray();
        using var worker = new MatrixFactorization(options, Toy.Items).CreateWorker();
        var buffer = new UpdateBuffer();

        worker.Train(model, new LocalTask(data, SeedSequence.For(1, 2, 3)), buffer);

        Assert.Equal(Toy.Items * 6, buffer.Values.Length); // 3 own items and all 27 others
        for (var item = 0; item < Toy.Items; item++)
        {
            var place = Array.IndexOf([2, 5, 9], item);
            var score = model.Items.Span.Slice(item * 6, 6).ToArray().Zip(user, (v, u) => v * u).Sum();
            var slope = (1 / (1 + MathF.Exp(-score))) - (place < 0 ? 0 : 1);
            var step = -3 / (4 + 1 + 0.25f + 27) * slope * (place < 0 ? 1 : data.Weights(0)[place]);
            var segment = Enumerable.Range(0, buffer.SegmentCount).Single(s => buffer.Offset(s) <= item * 6 && item * 6 < buffer.Offset(s) + buffer.SegmentValues(s).Length);
            var moved = buffer.SegmentValues(segment).Slice((item * 6) - buffer.Offset(segment), 6).ToArray();
            Assert.Equal(user.Select(u => step * u), moved, (a, b) => MathF.Abs(a - b) < 1e-5f);
        }
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void TrainAndScore_AllWeightsOne_IsBitForBitAsWithoutWeights(MatrixFactorizationObjective objective)
    {
        var options = Toy.Options(objective);
        var model = Model(options);

        Assert.Equal(Train(options, model, Client([2, 5, 9], [])), Train(options, model, Client([2, 5, 9], [1, 1, 1])));
        Assert.Equal(Scores(options, model, [2, 5, 9], []), Scores(options, model, [2, 5, 9], [1, 1, 1]));
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void TrainAndScore_AWeightNearOne_IsNearWhatItIsWithoutWeights(MatrixFactorizationObjective objective)
    {
        var options = Toy.Options(objective);
        var model = Model(options);

        Assert.Equal(Train(options, model, Client([2, 5, 9], [])), Train(options, model, Client([2, 5, 9], [1, 1.000001f, 1])), (a, b) => MathF.Abs(a - b) < 1e-3f);
        Assert.Equal(Scores(options, model, [2, 5, 9], []), Scores(options, model, [2, 5, 9], [1, 1.000001f, 1]), (a, b) => MathF.Abs(a - b) < 1e-3f);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Score_AHeavierItem_ScoresHigherAndPartsAddUp(MatrixFactorizationObjective objective)
    {
        var options = Toy.Options(objective);
        var (learner, model) = (new MatrixFactorization(options, Toy.Items), Model(options));
        using var worker = learner.CreateWorker();
        var parts = new float[3];

        var (light, heavy) = (Scores(options, model, [2, 5, 9], [0.5f, 0.5f, 1]), Scores(options, model, [2, 5, 9], [0.5f, 4, 1]));
        worker.Explain(model, new UserHistory([2, 5, 9], weights: [0.5f, 4, 1]), 12, parts);

        Assert.True(heavy[5] > light[5], $"{heavy[5]} is not above {light[5]}.");
        Assert.Equal(heavy[12], parts.Sum(), 1e-4);
    }

    [Theory]
    [InlineData(false, new[] { 1, 2, 5 }, new[] { 1, 1, 2, 5, 5, 5 })] // own item 0 counts 2 and own item 2 counts 3; item 1 is drawn
    [InlineData(true, new[] { 1, 2, 4, 7, 8 }, new[] { 1, 2, 4, 1, 2, 4, 7, 8, 7, 8, 7, 8 })] // in pairs with the items drawn after them
    public void ToErrors_AWeightOfTwo_IsTheSameExampleTwice(bool paired, int[] batch, int[] repeated)
    {
        float[] scoreOf = [0.7f, -0.4f, 1.3f, -0.9f, 0.2f];
        var (weighted, weightedErrors, weightedLoss) = (new WeightedLoss(paired), Errors(batch), 0.0);
        weighted.Set(0, 2);
        weighted.Set(paired ? 3 : 2, 3);
        IBatchLoss plain = paired ? new PairwiseLoss() : new LogisticLoss();
        var repeatedErrors = Errors(repeated);

        (weightedLoss, var weightedTerms) = weighted.ToErrors(weightedErrors, batch);
        var (loss, terms) = plain.ToErrors(repeatedErrors, repeated);

        Assert.Equal((loss, terms), (weightedLoss, weightedTerms), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-5 && a.Item2 == b.Item2);
        Assert.Equal(BySlot(repeated, repeatedErrors), BySlot(batch, weightedErrors), (a, b) => MathF.Abs(a - b) < 1e-5f);

        float[] Errors(int[] examples) => [.. examples.Select(example => scoreOf[example >> 1]), .. new float[16 - examples.Length]];
        float[] BySlot(int[] examples, float[] errors) => [.. Enumerable.Range(0, 5).Select(slot => examples.Index().Where(e => e.Item >> 1 == slot).Sum(e => errors[e.Index]))];
    }

    private static MatrixFactorizationModel Model(MatrixFactorizationOptions options)
    {
        var learner = new MatrixFactorization(options, Toy.Items);
        return (MatrixFactorizationModel)learner.Prepare(learner.Initialize(4));
    }

    private static ClientData Client(int[] own, float[] weights) => new(new UserItems([0, own.Length], own, weights: weights), new[] { 0 }, Toy.Items);

    private static float[] Train(MatrixFactorizationOptions options, MatrixFactorizationModel model, ClientData data)
    {
        using var worker = new MatrixFactorization(options, Toy.Items).CreateWorker();
        var buffer = new UpdateBuffer();
        worker.Train(model, new LocalTask(data, SeedSequence.For(1, 2, 3)), buffer);
        return buffer.Values.ToArray();
    }

    private static float[] Scores(MatrixFactorizationOptions options, MatrixFactorizationModel model, int[] own, float[] weights)
    {
        using var worker = new MatrixFactorization(options, Toy.Items).CreateWorker();
        var scores = new float[Toy.Items];
        worker.Score(model, new UserHistory(own, weights: weights), scores);
        return scores;
    }

    /// <summary>Half the gradient of Σ w·(u·v − 1)² + α·Σ_all (u·v)² + λ·(Σ w + α·items)·‖u‖².</summary>
    private static double[] Gradient(MatrixFactorizationOptions options, MatrixFactorizationModel model, int[] own, float[] weights, float[] user)
    {
        var dims = options.Dims;
        var gradient = user.Select(value => options.UserPenalty * (weights.Sum() + (options.Alpha * Toy.Items)) * value).ToArray();
        for (var item = 0; item < Toy.Items; item++)
        {
            var factors = model.Items.Span.Slice(item * dims, dims);
            var predicted = 0.0;
            for (var d = 0; d < dims; d++)
            {
                predicted += factors[d] * user[d];
            }

            var place = Array.IndexOf(own, item);
            var error = (options.Alpha * predicted) + (place < 0 ? 0 : weights[place] * (predicted - 1));
            for (var d = 0; d < dims; d++)
            {
                gradient[d] += error * factors[d];
            }
        }

        return gradient;
    }
}
