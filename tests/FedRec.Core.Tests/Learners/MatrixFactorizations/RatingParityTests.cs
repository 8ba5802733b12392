using FedRec.Core.Aggregation;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Tests.Native;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

[Collection(nameof(TorchCollection))]
public sealed class RatingParityTests
{
    private static readonly MatrixFactorizationOptions s_options = Toy.Options(MatrixFactorizationObjective.Ratings) with { InitScale = 1, L2Item = 0.2 };

    [Fact]
    public void Aggregate_AllClients_IsMinusTheAutogradGradientOfTheDenseLoss()
    {
        using var scope = NewDisposeScope();
        var learner = new MatrixFactorization(s_options, Toy.Items);
        var parameters = learner.Initialize(3);
        var biases = parameters.AsSpan(learner.Parameters.Offset(RatingObjective.ItemBias), Toy.Items);
        for (var item = 0; item < Toy.Items; item++)
        {
            biases[item] = 0.05f * (item - 10);
        }

        var items = tensor(parameters[..(Toy.Items * 20)]).reshape(Toy.Items, 20).to(ScalarType.Float64).requires_grad_(); // [items, dims]
        var itemBiases = tensor(biases.ToArray()).to(ScalarType.Float64).requires_grad_(); // [items]
        DenseLoss(items, itemBiases).backward();

        var delta = new float[parameters.Length];
        learner.Conclude(learner.Begin(parameters), Toy.Round(learner, learner.Prepare(parameters), [.. Enumerable.Range(0, Toy.Users).Select(u => Toy.Client(u))]), delta);

        Parity.AssertClose((items.grad! / -Toy.Users).data<double>().ToArray(), delta.AsSpan(0, Toy.Items * 20));
        Parity.AssertClose((itemBiases.grad! / -Toy.Users).data<double>().ToArray(), delta.AsSpan(Toy.Items * 20, Toy.Items));
        Assert.Equal(Enumerable.Range(0, Toy.Users).Average(u => Toy.Train.Ratings(u).ToArray().Average()) / 10, delta[^1], 1e-5);
    }

    [Fact]
    public void Train_OneUser_ReportsTheMeanSquaredError()
    {
        using var scope = NewDisposeScope();
        var learner = new MatrixFactorization(s_options, Toy.Items);
        var parameters = learner.Initialize(3);
        var items = tensor(parameters[..(Toy.Items * 20)]).reshape(Toy.Items, 20).to(ScalarType.Float64);
        var errors = Errors(7, items, zeros(Toy.Items, ScalarType.Float64));

        var sum = Toy.Round(learner, learner.Prepare(parameters), Toy.Client(7));

        Assert.Equal(errors.square().mean().item<double>(), FixedPoint.Decode(sum.Loss), 1e-5);
    }

    /// <summary>The loss of all users, each solved in closed form and in double precision and then held still.</summary>
    private static Tensor DenseLoss(Tensor items, Tensor biases)
    {
        var loss = zeros(1, ScalarType.Float64);
        for (var user = 0; user < Toy.Users; user++)
        {
            var own = Own(user);
            loss += Errors(user, items, biases).square().sum() + (s_options.ItemPenalty * (items[own].square().sum() + biases[own].square().sum()));
        }

        return loss;
    }

    private static Tensor Errors(int user, Tensor items, Tensor biases)
    {
        var (own, ratings) = (Own(user), tensor(Toy.Train.Ratings(user).ToArray()).to(ScalarType.Float64));
        var rows = cat([items[own], ones(own.shape[0], 1, ScalarType.Float64)], 1); // [own, dims + 1]
        var targets = ratings - ratings.mean() - biases[own];
        var still = rows.detach();
        var ridge = s_options.UserPenalty * own.shape[0] * eye(rows.shape[1], dtype: ScalarType.Float64);
        var solved = linalg.solve(still.t().matmul(still) + ridge, still.t().matmul(targets.detach()));
        return rows.matmul(solved) - targets;
    }

    private static Tensor Own(int user) => tensor(Array.ConvertAll(Toy.Train.Items(user).ToArray(), item => (long)item));
}
