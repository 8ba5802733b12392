using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Tests.Evaluation;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

public sealed class RatingTests
{
    private static readonly MatrixFactorizationOptions s_options = Toy.Options(MatrixFactorizationObjective.Ratings, dims: 6) with { InitScale = 1 };

    [Fact]
    public void Predict_OneDimension_IsTheFormulaByHand()
    {
        var options = new MatrixFactorizationOptions { Objective = MatrixFactorizationObjective.Ratings, Dims = 1, L2User = 0.5 };
        using var worker = (IRatingWorker)new MatrixFactorization(options, 3).CreateWorker();
        var predictions = new float[1];

        // Vectors 1, 2, 3, biases 0.5, -0.5, 0.25, and a mean that only users without ratings see.
        var model = new MatrixFactorization(options, 3).Prepare(new float[] { 1, 2, 3, 0.5f, -0.5f, 0.25f, 0.3f });
        worker.Predict(model, new UserHistory([0, 1], [5, 2]), [2], predictions);

        // Mean 3.5, targets 1 and -1, ridge 0.5 · 2: [[5 + 1, 3], [3, 2 + 1]]·(u, b) = (1·1 - 2·1, 0) gives u = -1/3, b = 1/3.
        Assert.Equal(3.5 + (1 / 3.0) + 0.25 - (3 / 3.0), predictions[0], 1e-5);
    }

    [Fact]
    public void Predict_OutsideTheScale_IsMovedToItsEnd()
    {
        var options = new MatrixFactorizationOptions { Objective = MatrixFactorizationObjective.Ratings, Dims = 1 };
        var learner = new MatrixFactorization(options, new FederationShape(3, HasRatings: true, RatingScale: (1, 5)));
        using var worker = (IRatingWorker)learner.CreateWorker();
        var predictions = new float[3];

        worker.Predict(learner.Prepare(new float[] { 0, 0, 0, 9, -9, 0, 0.3f }), default, [0, 1, 2], predictions);

        Assert.Equal([5f, 1f, 3f], predictions, (a, b) => MathF.Abs(a - b) < 1e-6f); // without ratings: the mean of all users, 0.3 units of ten
    }

    [Fact]
    public void Explain_AnyItem_PartsAddUpToTheScoreLessMeanAndItemBias()
    {
        var learner = new MatrixFactorization(s_options, Toy.Items);
        var parameters = learner.Initialize(5);
        Array.Fill(parameters, 0.25f, learner.Parameters.Offset(RatingObjective.ItemBias), Toy.Items);
        var model = learner.Prepare(parameters);
        using var worker = learner.CreateWorker();
        var scores = new float[Toy.Items];

        for (var user = 0; user < Toy.Users; user++)
        {
            var history = Toy.Train.History(user);
            var parts = new float[history.Items.Length];
            worker.Score(model, history, scores);
            worker.Explain(model, history, 7, parts);

            Assert.Equal(scores[7] - history.Ratings.ToArray().Average() - 0.25f, parts.Sum(), 1e-4);
        }
    }

    [Fact]
    public void Score_ItemsWithoutRatings_FollowsTheItemBiases()
    {
        var learner = new MatrixFactorization(s_options with { Dims = 1 }, 3);
        using var worker = learner.CreateWorker();
        var scores = new float[3];

        worker.Score(learner.Prepare(new float[] { 1, 2, 3, 0.5f, -0.5f, 0.25f, 0.3f }), new UserHistory([1]), scores);

        Assert.Equal([3.5f, 2.5f, 3.25f], scores);
    }

    [Fact]
    public void Rounds_OfAllClients_BringTheMeanToThatOfTheUsers()
    {
        var learner = new MatrixFactorization(s_options, Toy.Items);
        var (state, optimizer, delta) = (ServerState.Initial(learner.Initialize(1)), new AdamOptimizer(0.05), new float[learner.Parameters.Length]);
        for (var round = 0; round < 60; round++)
        {
            learner.Conclude(state, Toy.Round(learner, learner.Prepare(state.Parameters), [.. Enumerable.Range(0, Toy.Users).Select(u => Toy.Client(u))]), delta);
            state = optimizer.Apply(state, delta);
        }

        var mean = ((RatingModel)learner.Prepare(state.Parameters)).MeanRating;

        Assert.Equal(Enumerable.Range(0, Toy.Users).Average(u => Toy.Train.Ratings(u).ToArray().Average()), mean, 0.1);
    }

    [RealDataFact("ml-100k/u.data")]
    public void Train_MovieLens100K_PredictsHeldOutRatings()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-100k"), Split = DatasetOptions.RandomSplit });
        var options = new Dictionary<string, string> { ["objective"] = "mse", ["dims"] = "16" };
        var learner = LearnerRegistry.Create("mf", options, FederationShape.Of(data, data.Users.Count));

        var model = learner.Prepare(LocalFederation.Train(learner, LearnerRegistry.Find("mf").Recommended(options), data, rounds: 20, seed: 1));

        Assert.InRange(RootMeanSquareError(learner, model, data), 0.85, 0.93); // with 64 dims and 60 rounds about 0.91
    }

    private static double RootMeanSquareError(ILearner learner, PreparedModel model, Dataset data)
    {
        using var worker = (IRatingWorker)learner.CreateWorker();
        var squares = 0.0;
        for (var user = 0; user < data.Users.Count; user++)
        {
            var predictions = new float[data.Test.Items(user).Length];
            worker.Predict(model, data.Train.History(user), data.Test.Items(user), predictions);
            squares += predictions.Zip(data.Test.Ratings(user).ToArray(), (p, r) => (double)(p - r) * (p - r)).Sum();
        }

        return Math.Sqrt(squares / data.Test.Count);
    }
}
