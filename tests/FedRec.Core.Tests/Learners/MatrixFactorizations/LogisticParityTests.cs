using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Tests.Learners.LinearAlgebra;
using FedRec.Core.Tests.Native;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

[Collection(nameof(TorchCollection))]
public sealed class LogisticParityTests
{
    private const double LearningRate = 0.5;
    private const double L2User = 0.02;
    private const double L2Item = 0.3;

    [Theory]
    [InlineData(32, 40, 1)]
    [InlineData(64, 16, 1)]
    [InlineData(20, 33, 1)]
    [InlineData(5, 1, 1)]
    [InlineData(16, 50, 6)] // far from zero on both sides of the sigmoid
    public void Step_OneBatch_IsTheAutogradStepAndLoss(int dims, int examples, float scale)
    {
        using var scope = NewDisposeScope();
        var user = Array.ConvertAll(Matrices.Random(dims, 1), x => x * scale);
        var rows = Array.ConvertAll(Matrices.Random(examples * dims, 2), x => x * scale);
        var batch = Enumerable.Range(0, examples).Select(i => (2 * ((i * 7) % examples)) + (i % 3 == 0 ? 1 : 0)).DistinctBy(e => e >> 1).ToArray();
        var (u, v) = (Double(user, 1, dims), Double(rows, examples, dims));
        var loss = Reference(u, v, batch);

        var actual = new FactorKernel(dims, LearningRate, L2User, L2Item, new LogisticLoss()).Step(user, rows, batch);

        Assert.Equal(loss, actual / batch.Length, 1e-5 * loss);
        Parity.AssertClose((u - (LearningRate * u.grad!)).data<double>().ToArray(), user);
        Parity.AssertClose((v - (LearningRate * v.grad!)).data<double>().ToArray(), rows);
    }

    /// <summary>Leaves the gradients in <paramref name="user"/> and <paramref name="rows"/>.</summary>
    /// <returns>The mean cross-entropy, without L2.</returns>
    private static double Reference(Tensor user, Tensor rows, int[] batch)
    {
        var touched = rows[tensor(Array.ConvertAll(batch, e => (long)(e >> 1)))]; // [batch, dims]
        var labels = tensor(Array.ConvertAll(batch, e => (double)(e & 1)));
        var entropy = nn.functional.binary_cross_entropy_with_logits(touched.matmul(user.t()).squeeze(1), labels);
        var penalty = (L2Item / 2 * touched.square().sum() / batch.Length) + (L2User / 2 * user.square().sum());
        (entropy + penalty).backward();
        return entropy.item<double>();
    }

    private static Tensor Double(float[] values, int rows, int columns) =>
        tensor(values).reshape(rows, columns).to(ScalarType.Float64).requires_grad_();
}
