using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Tests.Learners.LinearAlgebra;
using FedRec.Core.Tests.Native;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

[Collection(nameof(TorchCollection))]
public sealed class PairwiseParityTests
{
    private const double LearningRate = 0.5;
    private const double L2User = 0.02;
    private const double L2Item = 0.3;

    [Fact]
    public void Step_OneOwnItemAndTwoNegatives_IsTheStepByHand()
    {
        float[] user = [1, 2];
        float[] rows = [0.5f, 0, 0, 0.25f, -1, 0.5f]; // scores 0.5, 0.5 and 0
        var expected = new[] { 0.5, 1 / (1 + Math.Exp(0.5)) }; // σ(−margin) of both pairs; the mean is over two

        var loss = new FactorKernel(2, learningRate: 1, 0, 0, new PairwiseLoss()).Step(user, rows, [1, 2, 4]);

        Assert.Equal(Math.Log(2) + Math.Log(1 + Math.Exp(-0.5)), loss, 1e-6);
        var (half, own) = (Array.ConvertAll(expected, e => e / 2), expected.Sum() / 2);
        Parity.AssertClose([0.5 + own, 2 * own, -half[0], 0.25 - (2 * half[0]), -1 - half[1], 0.5 - (2 * half[1])], rows);
        Parity.AssertClose([1 + (half[0] * 0.5) + (half[1] * 1.5), 2 - (half[0] * 0.25) - (half[1] * 0.5)], user);
    }

    [Theory]
    [InlineData(32, 40, 4, 1)]
    [InlineData(64, 16, 1, 1)]
    [InlineData(20, 33, 2, 1)]
    [InlineData(5, 2, 1, 1)]
    [InlineData(16, 50, 3, 6)] // far from zero on both sides of the sigmoid
    public void Step_OneBatch_IsTheAutogradStepAndLoss(int dims, int rowCount, int negatives, float scale)
    {
        using var scope = NewDisposeScope();
        var user = Array.ConvertAll(Matrices.Random(dims, 1), x => x * scale);
        var rows = Array.ConvertAll(Matrices.Random(rowCount * dims, 2), x => x * scale);
        var batch = Enumerable.Range(0, rowCount).Select(i => (2 * (rowCount - 1 - i)) + (i % (negatives + 1) == 0 ? 1 : 0)).ToArray();
        var (u, v) = (Double(user, 1, dims), Double(rows, rowCount, dims));
        var (loss, pairs) = Reference(u, v, batch);

        var actual = new FactorKernel(dims, LearningRate, L2User, L2Item, new PairwiseLoss()).Step(user, rows, batch);

        Assert.Equal(loss, actual / pairs, 1e-5 * loss);
        Parity.AssertClose((u - (LearningRate * u.grad!)).data<double>().ToArray(), user);
        Parity.AssertClose((v - (LearningRate * v.grad!)).data<double>().ToArray(), rows);
    }

    /// <summary>Leaves the gradients in <paramref name="user"/> and <paramref name="rows"/>.</summary>
    /// <returns>The mean loss, without L2, and the number of pairs.</returns>
    private static (double Loss, int Pairs) Reference(Tensor user, Tensor rows, int[] batch)
    {
        var pairs = new List<(long Own, long Other)>();
        var own = 0L;
        foreach (var example in batch)
        {
            own = (example & 1) == 1 ? example >> 1 : own;
            if ((example & 1) == 0)
            {
                pairs.Add((own, example >> 1));
            }
        }

        Tensor Scores(IEnumerable<long> slots) => rows[tensor(slots.ToArray())].matmul(user.t()).squeeze(1); // [pairs]
        var margins = Scores(pairs.Select(p => p.Own)) - Scores(pairs.Select(p => p.Other));
        var ranking = -nn.functional.logsigmoid(margins).mean();
        (ranking + (L2Item / 2 * rows.square().sum() / pairs.Count) + (L2User / 2 * user.square().sum())).backward();
        return (ranking.item<double>(), pairs.Count);
    }

    private static Tensor Double(float[] values, int rows, int columns) =>
        tensor(values).reshape(rows, columns).to(ScalarType.Float64).requires_grad_();
}
