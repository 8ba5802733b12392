using FedRec.Core.Data;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;

namespace FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;

/// <summary>An own item that counts more pulls more; the scale of all weights means nothing to the mean of a step.</summary>
public sealed class NeuralWeightTests
{
    private const float Step = 1;

    public static TheoryData<NeuralLoss> Losses => [NeuralLoss.Logistic, NeuralLoss.Softmax];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Train_AllWeightsOne_IsBitForBitAsWithoutWeights(NeuralLoss loss) => Assert.Equal(Train(loss, []), Train(loss, [1, 1, 1]));

    [Fact]
    public void Train_SoftmaxWithWeightsOfOneSize_IsAsWithoutWeights() =>
        Assert.Equal(Train(NeuralLoss.Softmax, []), Train(NeuralLoss.Softmax, [4, 4, 4]), (a, b) => MathF.Abs(a - b) < 1e-5f);

    [Theory]
    [MemberData(nameof(Losses))]
    public void Train_WeightsOfZeroAndOne_LeaveTheLossOfTheOthers(NeuralLoss loss)
    {
        // Weights of softmax are a user's shares, so the mean of two targets is the mean of the steps to each: the gradient is linear in the weights.
        var (first, last, both) = (Train(loss, [1, 1e-9f, 1e-9f]), Train(loss, [1e-9f, 1e-9f, 1]), Train(loss, [1, 1e-9f, 1]));
        var (one, two) = loss == NeuralLoss.Softmax ? (0.5f, 0.5f) : (7 / 8f, 7 / 8f); // 6 negatives and 1 or 2 own items share a step

        Assert.True(first.Zip(last, (a, b) => Math.Abs(a - b)).Max() > 0.01f);
        if (loss == NeuralLoss.Softmax)
        {
            Assert.Equal(both, first.Zip(last, (a, b) => (one * a) + (two * b)), (a, b) => MathF.Abs(a - b) < 1e-4f);
            return;
        }

        var negatives = Train(loss, [1e-9f, 1e-9f, 1e-9f]);
        Assert.Equal(both, first.Zip(last, (a, b) => one * (a + b)).Zip(negatives, (sum, alone) => sum - (6 / 8f * alone)), (a, b) => MathF.Abs(a - b) < 1e-4f);
    }

    private static float[] Train(NeuralLoss loss, float[] weights)
    {
        var options = NeuralToy.Options(NeuralModel.Gmf) with { Loss = loss, LearningRate = Step };
        var learner = new NeuralLearner(options, NeuralToy.Items);
        using var worker = learner.CreateWorker();
        var client = new ClientData(new UserItems([0, 3], [0, 2, 5], weights: weights), new[] { 0 }, NeuralToy.Items);
        return NeuralToy.Train(learner, worker, NeuralToy.Parameters(learner), client).Delta;
    }
}
