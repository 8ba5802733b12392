using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

public sealed class MatrixFactorizationTests
{
    public static TheoryData<MatrixFactorizationObjective> Objectives =>
        [MatrixFactorizationObjective.LeastSquares, MatrixFactorizationObjective.Logistic, MatrixFactorizationObjective.Pairwise];

    [Theory]
    [MemberData(nameof(Objectives))]
    [InlineData(MatrixFactorizationObjective.Ratings)]
    public void Rounds_OfAllClients_LowerTheLoss(MatrixFactorizationObjective objective)
    {
        var learner = new MatrixFactorization(Toy.Options(objective) with { InitScale = 0.1 }, Toy.Items);
        var (state, optimizer) = (ServerState.Initial(learner.Initialize(1)), new AdamOptimizer(0.05));
        var (delta, losses) = (new float[learner.Parameters.Length], new List<double>());

        for (var round = 0; round < 30; round++)
        {
            var sum = Toy.Round(learner, learner.Prepare(state.Parameters), [.. Enumerable.Range(0, Toy.Users).Select(u => Toy.Client(u))]);
            learner.Conclude(state, sum, delta);
            state = optimizer.Apply(state, delta);
            losses.Add(FixedPoint.Decode(sum.Loss) / FixedPoint.Decode(sum.Weight));
        }

        Assert.InRange(losses[^1], 0, losses[0] * 0.8);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Explain_AnyItem_PartsAddUpToTheScore(MatrixFactorizationObjective objective)
    {
        var learner = new MatrixFactorization(Toy.Options(objective), Toy.Items);
        var model = learner.Prepare(learner.Initialize(5));
        using var worker = learner.CreateWorker();
        var scores = new float[Toy.Items];

        for (var user = 0; user < Toy.Users; user++)
        {
            var own = Toy.Train.Items(user);
            var parts = new float[own.Length];
            worker.Score(model, own, scores);
            for (var item = 0; item < Toy.Items; item++)
            {
                worker.Explain(model, own, item, parts);
                Assert.Equal(scores[item], parts.Sum(), 1e-4);
            }
        }
    }

    [Fact]
    public void Score_LeastSquaresWithOneDimension_IsTheFormulaByHand()
    {
        var options = new MatrixFactorizationOptions { Dims = 1, Alpha = 0.5, L2User = 0.1 };
        var learner = new MatrixFactorization(options, 3);
        using var worker = learner.CreateWorker();
        var scores = new float[3];

        worker.Score(learner.Prepare(new float[] { 1, 2, 3 }), new UserHistory([1]), scores);

        // A = 2² + 0.5 · (1 + 4 + 9) + 0.1 · (1 + 0.5 · 3) = 11.25 and b = 2.
        const float user = 2 / 11.25f;
        Assert.Equal([user, 2 * user, 3 * user], scores, (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Score_NoHistory_FollowsTheMeanItem()
    {
        var learner = new MatrixFactorization(new MatrixFactorizationOptions { Dims = 2 }, 3);
        using var worker = learner.CreateWorker();
        var scores = new float[3];

        worker.Score(learner.Prepare(new float[] { 1, 0, 2, 0, 0, -1 }), default, scores);

        Assert.Equal([3f, 6f, 1f], scores); // the sum of the items is (3, -1)
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Train_NoNumbersLeft_SaysWhy(MatrixFactorizationObjective objective)
    {
        var learner = new MatrixFactorization(Toy.Options(objective), Toy.Items);
        var parameters = learner.Initialize(1);
        parameters[7] = float.NaN;

        var error = Assert.Throws<ArithmeticException>(() => Toy.Round(learner, learner.Prepare(parameters), Toy.Client(0)));

        Assert.Contains("item factors are not finite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_WrongLength_SaysTheShape()
    {
        var error = Assert.Throws<ArgumentException>(() => new MatrixFactorization(new(), 10).Prepare(new float[10]));

        Assert.Contains("10 values are not 10 items × 64 dims", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Initialize_EqualSeeds_GiveEqualVectorsOfTheAskedLength()
    {
        var learner = new MatrixFactorization(new MatrixFactorizationOptions { InitScale = 0.5 }, 1_000);

        var (first, again, other) = (learner.Initialize(1), learner.Initialize(1), learner.Initialize(2));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(0.25, first.Sum(x => (double)x * x) / 1_000, 0.01); // mean squared length 0.5²
    }
}
