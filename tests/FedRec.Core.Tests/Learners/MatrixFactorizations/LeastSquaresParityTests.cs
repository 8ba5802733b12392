using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Tests.Native;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

[Collection(nameof(TorchCollection))]
public sealed class LeastSquaresParityTests
{
    private static readonly MatrixFactorizationOptions s_options = Toy.Options(MatrixFactorizationObjective.LeastSquares);

    [Fact]
    public void Aggregate_AllClients_IsMinusTheAutogradGradientOfTheDenseLoss()
    {
        using var scope = NewDisposeScope();
        var learner = new MatrixFactorization(s_options, Toy.Items);
        var parameters = learner.Initialize(3);
        var model = learner.Prepare(parameters);
        var items = tensor(parameters).reshape(Toy.Items, s_options.Dims).to(ScalarType.Float64).requires_grad_(); // [items, dims]
        DenseLoss(SolvedUsers(items.detach()), items).backward();

        var delta = new float[parameters.Length];
        learner.Conclude(learner.Begin(parameters), Toy.Round(learner, model, [.. Enumerable.Range(0, Toy.Users).Select(u => Toy.Client(u))]), delta);

        Parity.AssertClose((items.grad! / -Toy.Users).data<double>().ToArray(), delta);
    }

    [Fact]
    public void Train_OneUser_ReportsTheDenseLossPerExample()
    {
        using var scope = NewDisposeScope();
        var learner = new MatrixFactorization(s_options with { L2Item = 0 }, Toy.Items);
        var parameters = learner.Initialize(3);
        var items = tensor(parameters).reshape(Toy.Items, s_options.Dims).to(ScalarType.Float64);
        var user = SolvedUsers(items)[TensorIndex.Slice(7, 8)];
        var scores = user.matmul(items.t());
        var targets = Targets()[TensorIndex.Slice(7, 8)];
        var loss = ((targets * (scores - 1).square()).sum() + (s_options.Alpha * scores.square().sum()) + (UserRidge(7) * user.square().sum())).item<double>();

        var sum = Toy.Round(learner, learner.Prepare(parameters), Toy.Client(7));

        Assert.Equal(loss / Toy.Train.Items(7).Length, Core.Aggregation.FixedPoint.Decode(sum.Loss), loss * 1e-5);
    }

    /// <summary>All users in closed form, in double precision. Shape: [users, dims].</summary>
    private static Tensor SolvedUsers(Tensor items)
    {
        var gram = s_options.Alpha * items.t().matmul(items);
        return stack(Enumerable.Range(0, Toy.Users).Select(user =>
        {
            var own = items[Targets()[user].to(ScalarType.Bool)]; // [own, dims]
            var matrix = own.t().matmul(own) + gram + (UserRidge(user) * eye(s_options.Dims, dtype: ScalarType.Float64));
            return linalg.solve(matrix, own.sum(0L));
        }));
    }

    private static Tensor DenseLoss(Tensor users, Tensor items)
    {
        var (scores, targets) = (users.matmul(items.t()), Targets()); // [users, items]
        var itemRidge = s_options.ItemPenalty * (targets.sum(0L) + (s_options.Alpha * Toy.Users));
        return (targets * (scores - 1).square()).sum() + (s_options.Alpha * scores.square().sum()) + (itemRidge * items.square().sum(1L)).sum();
    }

    private static double UserRidge(int user) => s_options.UserPenalty * (Toy.Train.Items(user).Length + (s_options.Alpha * Toy.Items));

    private static Tensor Targets()
    {
        var targets = zeros(Toy.Users, Toy.Items, ScalarType.Float64);
        for (var user = 0; user < Toy.Users; user++)
        {
            foreach (var item in Toy.Train.Items(user))
            {
                targets[user, item] = 1;
            }
        }

        return targets;
    }
}
